using System.Text.RegularExpressions;

namespace Fairlead.Clusters;

/// <summary>What names at AWS look like (AWS Security Token Service API reference, AssumeRole), whoever writes them.</summary>
internal static partial class AwsNames
{
    /// <summary>The ARN of a role.</summary>
    public static bool IsRole(string text) => RoleArn().IsMatch(text);

    /// <summary>An external id.</summary>
    public static bool IsExternalId(string text) => ExternalId().IsMatch(text);

    /// <summary>A cluster's id, which is sent in a header.</summary>
    public static bool IsClusterId(string text) => text.Length is > 0 and <= 2048 && text.All(static c => c is > ' ' and <= '~');

    [GeneratedRegex(@"^arn:aws[a-z0-9-]*:iam::[0-9]{12}:role/[\x21-\x7e]{1,576}\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex RoleArn();

    [GeneratedRegex(@"^[A-Za-z0-9_+=,.@:/-]{2,1224}\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ExternalId();
}
