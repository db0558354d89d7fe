namespace Fairlead.Access;

/// <summary>
/// What a request asks of an API server, by Kubernetes' own rules (apiserver <c>request.RequestInfoFactory</c>): the thing
/// that is allowed or denied. Read from the same <see cref="Doors.RequestTarget"/> that is forwarded.
/// </summary>
internal sealed record KubernetesAction
{
    /// <summary>Whether the path names a resource; otherwise only <see cref="Verb"/> and <see cref="Path"/> count.</summary>
    public required bool IsResourceRequest { get; init; }

    /// <summary>
    /// <c>get</c>, <c>list</c>, <c>watch</c>, <c>create</c>, <c>update</c>, <c>patch</c>, <c>delete</c>, <c>deletecollection</c>; the method in
    /// lower case for other paths. <c>exec</c>, <c>attach</c> and <c>portforward</c> are <c>create</c>, however they are opened, and so is
    /// every upgrade of a <c>proxy</c> sub-resource (contract F34, decision 13).
    /// </summary>
    public required string Verb { get; init; }

    /// <summary>The decoded path.</summary>
    public required string Path { get; init; }

    /// <summary>The API group; empty for the core group.</summary>
    public string ApiGroup { get; init; } = "";

    /// <summary>The API version.</summary>
    public string ApiVersion { get; init; } = "";

    /// <summary>The namespace; empty for cluster-scoped requests and for all namespaces.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>The resource, plural.</summary>
    public string Resource { get; init; } = "";

    /// <summary>The sub-resource, or empty.</summary>
    public string Subresource { get; init; } = "";

    /// <summary>The object's name, or empty.</summary>
    public string Name { get; init; } = "";

    /// <summary>Whether the answer may take for ever: a watch, a followed log, a <c>proxy</c> sub-resource, an upgrade.</summary>
    public bool IsLongRunning { get; init; }

    /// <summary>Whether the bytes come from a pod, Service or node behind the API server.</summary>
    public bool IsProxied => string.Equals(Subresource, "proxy", StringComparison.Ordinal);

    /// <summary>The resource as rules write it: <c>pods</c>, <c>pods/log</c>, <c>deployments.apps</c> (decision 14).</summary>
    public string QualifiedResource =>
        (ApiGroup.Length == 0 ? Resource : $"{Resource}.{ApiGroup}") + (Subresource.Length == 0 ? "" : $"/{Subresource}");

    /// <summary>The action in words, for messages.</summary>
    public override string ToString() => IsResourceRequest
        ? $"{Verb} {QualifiedResource}{(Name.Length == 0 ? "" : $" '{Name}'")}{(Namespace.Length == 0 ? " at cluster scope" : $" in namespace '{Namespace}'")}"
        : $"{Verb} {Path}";
}
