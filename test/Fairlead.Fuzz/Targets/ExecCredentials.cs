using System.Text.Json;
using Fairlead.Kubernetes.ExecPlugins;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Fuzz.Targets;

/// <summary>What credential plugins print. An input is all of it.</summary>
internal static class ExecCredentials
{
    private static readonly ExecPlugin _plugin = new() { Command = "plugin", ApiVersion = ExecApiVersion.V1 };
    private static readonly string[] _own = ["client.authentication.k8s.io/v1", "ExecCredential", "clientCertificateData", "clientKeyData", "expirationTimestamp"];
    private static readonly DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Reads the output of one run.</summary>
    public static bool Attack(byte[] input)
    {
        try
        {
            var credential = ExecCredentialReader.Read(_plugin, input, _now);
            Invariant.Holds((credential.Token ?? (object?)credential.Certificate) is not null, "there is no credential");
            Invariant.Holds(credential.ExpiresAt is not { } end || end > _now, "the credential has expired");
            Invariant.Holds(credential.Token is not { } token || token.Reveal().All(static character => character is > ' ' and < '\x7f'), "the token is none");
            // Whatever the token is: it may be a word that is printed anyway.
            Invariant.Holds(credential.Token is null || credential.ToString().Equals((credential with { Token = new Secret("another") }).ToString(), StringComparison.Ordinal), "the token is printed");
            return true;
        }
        catch (ExecPluginException refusal)
        {
            // Without the words that are the message's own.
            var said = _own.Aggregate(refusal.Message, static (message, word) => message.Replace(word, "", StringComparison.Ordinal));
            foreach (var text in Texts(input).Where(static text => text.Length >= 12))
            {
                Invariant.Holds(!said.Contains(text, StringComparison.Ordinal), "a message repeats what was printed");
            }

            return false;
        }
    }

    private static List<string> Texts(byte[] input)
    {
        try
        {
            using var document = JsonDocument.Parse(input);
            var texts = new List<string>();
            Collect(document.RootElement, texts);
            return texts;
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static void Collect(JsonElement element, List<string> texts)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                {
                    Collect(property.Value, texts);
                }

                break;

            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    Collect(item, texts);
                }

                break;

            case JsonValueKind.String when TryText(element) is { } text:
                texts.Add(text);
                break;
        }
    }

    private static string? TryText(JsonElement element)
    {
        try
        {
            return element.GetString();
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair is no text.
            return null;
        }
    }
}
