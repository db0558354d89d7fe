using System.Text.Json;

namespace Fairlead.EndToEndTests.Access;

/// <summary>What the audit log of an API server says that a request was.</summary>
internal sealed record AuditedAction
{
    /// <summary>The verb.</summary>
    public required string Verb { get; init; }

    /// <summary>The request's target, as Go prints it again.</summary>
    public required string RequestUri { get; init; }

    /// <summary>Whether there is an <c>objectRef</c>: the path names a resource.</summary>
    public required bool IsResourceRequest { get; init; }

    /// <summary>Group, version, namespace, resource, sub-resource and name.</summary>
    public required (string Group, string Version, string Namespace, string Resource, string Subresource, string Name) Object { get; init; }

    /// <summary>Reads an event (<c>audit.k8s.io/v1</c>).</summary>
    public static AuditedAction Of(JsonElement entry)
    {
        var isResource = entry.TryGetProperty("objectRef", out var reference);
        return new AuditedAction
        {
            Verb = Text(entry, "verb"),
            RequestUri = Text(entry, "requestURI"),
            IsResourceRequest = isResource,
            Object = isResource
                ? (Text(reference, "apiGroup"), Text(reference, "apiVersion"), Text(reference, "namespace"), Text(reference, "resource"),
                    Text(reference, "subresource"), Text(reference, "name"))
                : ("", "", "", "", "", ""),
        };
    }

    private static string Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";
}
