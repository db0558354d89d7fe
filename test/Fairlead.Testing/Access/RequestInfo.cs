namespace Fairlead.Testing.Access;

/// <summary>
/// What an API server takes a request for: a port of apiserver's <c>RequestInfoFactory.NewRequestInfo</c>, step by step and in its order, written
/// from the Go source and from nothing of the gateway. Texts hold one character for each byte, as Go's strings do.
/// </summary>
internal sealed partial record RequestInfo
{
    /// <summary>Whether the path names a resource.</summary>
    public bool IsResourceRequest { get; private set; }

    /// <summary>The decoded path, slashes at its end included.</summary>
    public required string Path { get; init; }

    /// <summary>The verb that is authorized; empty for a resource and a method that Kubernetes does not know.</summary>
    public required string Verb { get; set; }

    /// <summary>The API group.</summary>
    public string ApiGroup { get; private set; } = "";

    /// <summary>The API version.</summary>
    public string ApiVersion { get; private set; } = "";

    /// <summary>The namespace.</summary>
    public string Namespace { get; private set; } = "";

    /// <summary>The resource.</summary>
    public string Resource { get; private set; } = "";

    /// <summary>The sub-resource.</summary>
    public string Subresource { get; private set; } = "";

    /// <summary>The name.</summary>
    public string Name { get; private set; } = "";

    /// <summary>
    /// Whether the options of a list do not decode. The list itself then answers 400; only its authorization goes on without a name.
    /// </summary>
    public bool HasInvalidOptions { get; private set; }

    /// <summary>Whether the server answers 500 without having authorized anything (a path that ends after <c>watch</c> or <c>proxy</c>).</summary>
    public bool IsUndetermined { get; private set; }

    /// <summary>Reads <paramref name="target"/>.</summary>
    /// <param name="method">The method, as it stands on the wire.</param>
    /// <param name="target">What Go has read.</param>
    public static RequestInfo Parse(string method, GoTarget target)
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(target);
        var info = new RequestInfo { Path = target.Path, Verb = method.ToLowerInvariant() };
        var trimmed = target.Path.Trim('/');
        var parts = trimmed.Length == 0 ? [] : trimmed.Split('/').AsSpan();
        if (parts.Length < 3 || parts[0] is not ("api" or "apis"))
        {
            return info;
        }

        var isGrouped = parts[0] is "apis";
        parts = parts[1..];
        if (isGrouped)
        {
            if (parts.Length < 3)
            {
                return info;
            }

            info.ApiGroup = parts[0];
            parts = parts[1..];
        }

        info.IsResourceRequest = true;
        info.ApiVersion = parts[0];
        parts = parts[1..];
        if (parts[0] is "proxy" or "watch")
        {
            if (parts.Length < 2)
            {
                info.IsUndetermined = true;
                return info;
            }

            info.Verb = parts[0];
            parts = parts[1..];
        }
        else
        {
            info.Verb = method switch
            {
                "POST" => "create",
                "GET" or "HEAD" => "get",
                "PUT" => "update",
                "PATCH" => "patch",
                "DELETE" => "delete",
                _ => "",
            };
        }

        if (parts[0] is "namespaces" && parts.Length > 1)
        {
            info.Namespace = parts[1];
            if (parts.Length > 2 && parts[2] is not ("status" or "finalize"))
            {
                parts = parts[2..];
            }
        }

        info.Resource = parts[0];
        info.Name = parts.Length > 1 ? parts[1] : "";
        info.Subresource = parts.Length > 2 && info.Verb is not "proxy" ? parts[2] : "";
        if (info.Name.Length == 0 && info.Verb is "get")
        {
            info.ReadListOptions(target);
        }

        if (info.Name.Length == 0 && info.Verb is "delete")
        {
            info.Verb = "deletecollection";
        }

        return info;
    }
}
