using System.Diagnostics.CodeAnalysis;

namespace Fairlead.Kubernetes.Secrets;

/// <summary>Bearer tokens as configuration carries them.</summary>
public static class BearerToken
{
    /// <summary>Takes a token, if it can stand in an <c>Authorization</c> header: visible ASCII, no blanks.</summary>
    /// <param name="text">The token.</param>
    /// <param name="token">The token as a secret.</param>
    /// <param name="problem">What is wrong; never repeats the value.</param>
    public static bool TryCreate(string text, [NotNullWhen(true)] out Secret? token, [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        token = null;
        problem = text.Length == 0 ? "is empty"
            : text.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? "begins with 'Bearer '; give the bare token"
            : text.All(c => c is > ' ' and < '\u007f') ? null
            : "holds blanks, line breaks or characters that no token has";
        if (problem is null)
        {
            token = new Secret(text);
        }

        return problem is null;
    }
}
