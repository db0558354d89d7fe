namespace Fairlead.Access;

/// <summary>A pattern of resources as rules write them: <c>pods/log</c>, <c>deployments.apps</c>, <c>*</c> (decision 14).</summary>
internal sealed class ResourcePattern
{
    private const int Longest = 512;
    private readonly NamePattern? _pattern;
    private readonly string _resource = "";
    private readonly string _group = "";
    private readonly string _subresource = "";

    /// <summary>Compiles <paramref name="text"/>.</summary>
    public ResourcePattern(string text)
    {
        if (text.Contains('*', StringComparison.Ordinal))
        {
            _pattern = new NamePattern(text);
            return;
        }

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var named = slash < 0 ? text : text[..slash];
        var dot = named.IndexOf('.', StringComparison.Ordinal);
        _resource = dot < 0 ? named : named[..dot];
        _group = dot < 0 ? "" : named[(dot + 1)..];
        _subresource = slash < 0 ? "" : text[(slash + 1)..];
    }

    /// <summary>Whether the resource of <paramref name="action"/> matches.</summary>
    public bool Matches(KubernetesAction action)
    {
        if (_pattern is null)
        {
            return string.Equals(_resource, action.Resource, StringComparison.Ordinal)
                && string.Equals(_group, action.ApiGroup, StringComparison.Ordinal)
                && string.Equals(_subresource, action.Subresource, StringComparison.Ordinal);
        }

        Span<char> buffer = stackalloc char[Longest];
        var length = action.Resource.Length + action.ApiGroup.Length + action.Subresource.Length + 2;
        return length <= Longest ? _pattern.Matches(buffer[..action.WriteQualifiedResource(buffer)]) : _pattern.Matches(action.QualifiedResource);
    }
}
