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

    /// <summary>The path; empty where it names a resource.</summary>
    public string Path { get; init; } = "";

    /// <summary><see cref="Path"/> as an API server reads it where it names no resource: decoded once, without doubled slashes.</summary>
    public string NormalPath
    {
        get
        {
            if (!Path.Contains('%', StringComparison.Ordinal) && !Path.Contains("//", StringComparison.Ordinal))
            {
                return Path;
            }

            // Rules are text; what is none cannot be meant by one, but by a pattern.
            var decoded = Doors.PercentByte.Decode(Path) ?? Doors.PercentByte.DecodeBytes(Path);
            while (decoded.Contains("//", StringComparison.Ordinal))
            {
                decoded = decoded.Replace("//", "/", StringComparison.Ordinal);
            }

            return decoded;
        }
    }

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

    /// <summary>Writes <see cref="QualifiedResource"/> without making a string.</summary>
    /// <param name="buffer">Where to; long enough.</param>
    /// <returns>How long it is.</returns>
    public int WriteQualifiedResource(Span<char> buffer)
    {
        Resource.CopyTo(buffer);
        var length = Append(buffer, Resource.Length, '.', ApiGroup);
        return Append(buffer, length, '/', Subresource);

        static int Append(Span<char> buffer, int at, char separator, string part)
        {
            if (part.Length == 0)
            {
                return at;
            }

            buffer[at] = separator;
            part.CopyTo(buffer[(at + 1)..]);
            return at + 1 + part.Length;
        }
    }

    /// <summary>
    /// The name of the Service, pod or node that a <c>proxy</c> sub-resource leads to, without the scheme and port that it may be written with
    /// (<c>https:name:8443</c>, apimachinery <c>SplitSchemeNamePort</c>); the name itself otherwise.
    /// </summary>
    public ReadOnlySpan<char> PlainName
    {
        get
        {
            var first = IsProxied || Verb is "proxy" ? Name.IndexOf(':', StringComparison.Ordinal) : -1;
            if (first < 0)
            {
                return Name;
            }

            var rest = Name.AsSpan(first + 1);
            var second = rest.IndexOf(':');
            return second < 0 ? Name.AsSpan(0, first) : rest[..second];
        }
    }

    /// <summary>The action in words, for messages.</summary>
    public override string ToString() => IsResourceRequest
        ? $"{Verb} {QualifiedResource}{(Name.Length == 0 ? "" : $" '{Name}'")}{(Namespace.Length == 0 ? " at cluster scope" : $" in namespace '{Namespace}'")}"
        : $"{Verb} {Path}";
}
