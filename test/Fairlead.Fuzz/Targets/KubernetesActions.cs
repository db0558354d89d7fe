using Fairlead.Access;
using Fairlead.Testing.Access;

namespace Fairlead.Fuzz.Targets;

/// <summary>
/// What requests ask of an API server, compared with a port of Kubernetes' own parser. An input is a method, a blank and a target; <c>UPGRADE</c> asks for
/// a WebSocket.
/// </summary>
internal static class KubernetesActions
{
    private static readonly string[] _methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

    /// <summary>Reads one request.</summary>
    public static bool Attack(byte[] input)
    {
        var text = InputText.Of(input);
        var blank = text.IndexOf(' ', StringComparison.Ordinal);
        var word = blank < 0 ? "" : text[..blank];
        var target = text[(blank + 1)..];
        if (target is not ("" or ['/' or '?', ..]))
        {
            // It would make the cluster's name longer.
            return false;
        }

        var isUpgrade = word is "UPGRADE";
        var method = _methods.Contains(word, StringComparer.Ordinal) ? word : "GET";
        var accepted = false;
        foreach (var door in DoorReading.Doors)
        {
            if (DoorReading.Of(method, target, isUpgrade, door) is not { } read)
            {
                continue;
            }

            accepted = true;
            Invariant.Same(read.Forwarded, target.Length == 0 || target[0] == '?' ? "/" + target : target, "what is forwarded");
            Invariant.Same(read.Difference(method, isUpgrade), null, "the difference to an API server");
            Check(read.Action);
        }

        return accepted;
    }

    private static void Check(KubernetesAction action)
    {
        Invariant.Holds(!action.NormalPath.Contains("//", StringComparison.Ordinal), "a normal path holds two slashes");
        Invariant.Holds(action.IsResourceRequest == (action.Path.Length == 0), "a path is missing, or one too many");
        foreach (var part in (string[])[action.ApiGroup, action.ApiVersion, action.Namespace, action.Resource, action.Subresource, action.Name])
        {
            Invariant.Holds(part is not ("." or "..") && !part.AsSpan().ContainsAny('/', '\\', '\0'), "a part of the action is no name");
        }

        var buffer = new char[action.Resource.Length + action.ApiGroup.Length + action.Subresource.Length + 2];
        Invariant.Same(new string(buffer, 0, action.WriteQualifiedResource(buffer)), action.QualifiedResource, "the qualified resource");
        Invariant.Holds(action.Name.Contains(action.PlainName.ToString(), StringComparison.Ordinal), "the plain name is another one");
        Invariant.Holds(action.ToString().Length > 0, "the action has no words");
    }
}
