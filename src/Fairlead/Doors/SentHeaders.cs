using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace Fairlead.Doors;

/// <summary>What is found in one pass over the headers of a request: those whose names are only begun in a list, and what no header may hold.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct SentHeaders
{
    // RFC 9110 5.6.2.
    private static readonly SearchValues<char> _token = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Why they cannot be sent on; null where they can.</summary>
    public Refusal? Refusal { get; private init; }

    /// <summary>The lines of <c>Backstage-Kubernetes-Cluster</c>.</summary>
    public StringValues Cluster { get; private init; }

    /// <summary>The lines of <c>Backstage-Kubernetes-Authorization</c>.</summary>
    public StringValues ClusterAuthorization { get; private init; }

    /// <summary>The <c>Backstage-Kubernetes-Authorization-{provider}[-{sub}]</c> headers.</summary>
    public IReadOnlyList<ProviderToken> ProviderTokens { get; private init; }

    /// <summary>Whether there are <c>Impersonate-*</c> headers.</summary>
    public bool Impersonates { get; private init; }

    /// <summary>Reads <paramref name="headers"/>.</summary>
    public static SentHeaders Read(IHeaderDictionary headers)
    {
        // In one go: the server keeps one enumerator for a request, which forwarding uses, and would make another one.
        var count = headers.Count;
        var lines = ArrayPool<KeyValuePair<string, StringValues>>.Shared.Rent(count);
        try
        {
            headers.CopyTo(lines, 0);
            return Read(lines.AsSpan(0, count));
        }
        finally
        {
            ArrayPool<KeyValuePair<string, StringValues>>.Shared.Return(lines, clearArray: true);
        }
    }

    private static SentHeaders Read(ReadOnlySpan<KeyValuePair<string, StringValues>> headers)
    {
        StringValues cluster = default, clusterAuthorization = default;
        List<ProviderToken>? providers = null;
        var impersonates = false;
        foreach (var (name, values) in headers)
        {
            if (Check(name, values) is { } refusal)
            {
                return new SentHeaders { Refusal = refusal };
            }

            if (name.StartsWith("Backstage-Kubernetes-", StringComparison.OrdinalIgnoreCase))
            {
                if (name.Equals("Backstage-Kubernetes-Cluster", StringComparison.OrdinalIgnoreCase))
                {
                    cluster = values;
                }
                else if (name.Equals("Backstage-Kubernetes-Authorization", StringComparison.OrdinalIgnoreCase))
                {
                    clusterAuthorization = values;
                }
                else if (name.StartsWith(ProviderToken.HeaderPrefix, StringComparison.OrdinalIgnoreCase))
                {
                    (providers ??= []).Add(ProviderToken.Parse(name, values));
                }
            }
            else if (RequestedImpersonation.Concerns(name))
            {
                impersonates = true;
            }
        }

        return new SentHeaders { Cluster = cluster, ClusterAuthorization = clusterAuthorization, ProviderTokens = providers ?? (IReadOnlyList<ProviderToken>)[], Impersonates = impersonates };
    }

    /// <summary>
    /// The server reads header values as UTF-8, which no upstream connection can write: what it is sent cannot be sent on. On HTTP/2 it also takes names and values that are none
    /// (RFC 9113 8.2.1).
    /// </summary>
    private static Refusal? Check(string name, StringValues values)
    {
        // The pseudo-headers of HTTP/2 are among them.
        var plain = name.AsSpan(name.StartsWith(':') ? 1 : 0);
        if (plain.IsEmpty || plain.ContainsAnyExcept(_token))
        {
            return new Refusal(RefusalReason.InvalidRequest, "A header's name is not one");
        }

        foreach (var value in values)
        {
            if (value.AsSpan().ContainsAny('\r', '\n', '\0'))
            {
                return new Refusal(RefusalReason.InvalidRequest, $"The value of the header {name} holds a line's end or NUL");
            }

            if (!Ascii.IsValid(value))
            {
                return new Refusal(RefusalReason.InvalidRequest, $"The value of the header {name} holds bytes outside ASCII");
            }
        }

        return null;
    }
}
