using System.Collections.Frozen;
using Fairlead.Doors;

namespace Fairlead.Access;

/// <summary>Reads a <see cref="KubernetesAction"/> from a request to an API server.</summary>
internal static class KubernetesActionParser
{
    // What most paths are made of, so that reading them makes no strings.
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _words = FrozenSet.Create(
        StringComparer.Ordinal,
        [
            .. CoreResources.All, "api", "apis", "v1", "v1beta1", "v2", "watch", "proxy", "default", "kube-system", "apps", "batch", "autoscaling", "policy", "networking.k8s.io", "rbac.authorization.k8s.io",
            "metrics.k8s.io", "apiextensions.k8s.io", "storage.k8s.io", "coordination.k8s.io", "discovery.k8s.io", "events.k8s.io", "authorization.k8s.io", "authentication.k8s.io", "deployments", "replicasets",
            "statefulsets", "daemonsets", "jobs", "cronjobs", "horizontalpodautoscalers", "poddisruptionbudgets", "ingresses", "ingressclasses", "networkpolicies", "endpointslices", "leases", "roles",
            "rolebindings", "clusterroles", "clusterrolebindings", "customresourcedefinitions", "storageclasses", "selfsubjectaccessreviews", "selfsubjectrulesreviews", "log", "exec", "attach", "portforward",
            "status", "scale", "eviction", "token",
        ]).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Reads the action of <paramref name="method"/> on the part of <paramref name="target"/> below <paramref name="prefixLength"/>.</summary>
    /// <param name="target">The checked target.</param>
    /// <param name="prefixLength">How much of it belongs to the door.</param>
    /// <param name="method">The canonical method.</param>
    /// <param name="isUpgrade">Whether the request asks for a WebSocket or SPDY connection.</param>
    /// <param name="refusal">Why the path is ambiguous, when the result is null.</param>
    public static KubernetesAction? Parse(RequestTarget target, int prefixLength, string method, bool isUpgrade, out Refusal? refusal)
    {
        refusal = null;
        var raw = target.Path[prefixLength..];
        if (!NamesResources(raw))
        {
            // Nothing in such a path is a name that decides; it is judged and forwarded as it stands (decision 1).
            return new KubernetesAction
            {
                IsResourceRequest = false,
                Verb = method.ToLowerInvariant(),
                Path = raw.Length == 0 ? "/" : raw.ToString(),
                IsLongRunning = isUpgrade,
            };
        }

        var segments = default(PathSegments);
        return Split(raw, ref segments, out refusal) ? Build(segments, target.Query, method, isUpgrade, out refusal) : null;
    }

    /// <summary>
    /// Whether an API server would take the path for a resource path: it decodes the path once, trims slashes, and looks at the
    /// first part. What only looks so after decoding or trimming is caught by <see cref="Split"/>.
    /// </summary>
    private static bool NamesResources(ReadOnlySpan<char> raw)
    {
        if (!raw.Contains('%'))
        {
            var trimmed = raw.TrimStart('/');
            var end = trimmed.IndexOf('/');
            return (end < 0 ? trimmed : trimmed[..end]) is "api" or "apis";
        }

        var path = PercentByte.DecodeBytes(raw).AsSpan().TrimStart('/');
        var length = path.IndexOf('/');
        return (length < 0 ? path : path[..length]) is "api" or "apis";
    }

    private static bool Split(ReadOnlySpan<char> raw, ref PathSegments segments, out Refusal? refusal)
    {
        refusal = null;
        raw = raw[1..];
        foreach (var range in raw.Split('/'))
        {
            var (start, length) = range.GetOffsetAndLength(raw.Length);
            var decoded = _words.TryGetValue(raw[range], out var word) ? word : PercentByte.Decode(raw[range]);
            if (decoded is null || decoded.AsSpan().ContainsAny('/', '\\', '%'))
            {
                refusal = new Refusal(
                    RefusalReason.InvalidTarget,
                    "A resource path holds an encoded slash, backslash or percent sign, or a malformed escape; names of Kubernetes objects have none");
                return false;
            }

            if (decoded.Length == 0)
            {
                if (start + length == raw.Length)
                {
                    break;
                }

                refusal = new Refusal(RefusalReason.InvalidTarget, "A resource path holds an empty segment ('//')");
                return false;
            }

            segments.Add(decoded);
            if (IsProxyTail(segments))
            {
                break;
            }
        }

        return true;
    }

    /// <summary>Whether everything after the last segment belongs to a <c>proxy</c> sub-resource's own path.</summary>
    private static bool IsProxyTail(in PathSegments segments)
    {
        if (!string.Equals(segments.Last, "proxy", StringComparison.Ordinal))
        {
            return false;
        }

        var resourceAt = string.Equals(segments[0], "api", StringComparison.Ordinal) ? 2 : 3;
        if (segments.Count > resourceAt && segments[resourceAt] is "watch" or "proxy")
        {
            // Behind the legacy prefixes the word is a name like any other.
            return false;
        }

        var namespaced = segments.Count > resourceAt && string.Equals(segments[resourceAt], "namespaces", StringComparison.Ordinal);
        return segments.Count == resourceAt + (namespaced ? 5 : 3);
    }

    private static KubernetesAction? Build(in PathSegments segments, ReadOnlySpan<char> query, string method, bool isUpgrade, out Refusal? refusal)
    {
        refusal = ActionQuery.Ambiguity(query) is { } ambiguity ? new Refusal(RefusalReason.InvalidTarget, ambiguity) : null;
        if (refusal is not null)
        {
            return null;
        }

        var core = string.Equals(segments[0], "api", StringComparison.Ordinal);
        var at = core ? 1 : 2;
        if (segments.Count < 3 || segments.Count <= at + 1)
        {
            return new KubernetesAction { IsResourceRequest = false, Verb = method.ToLowerInvariant(), Path = segments.ToString(), IsLongRunning = isUpgrade };
        }

        var group = core ? "" : segments[1];
        var version = segments[at++];
        var verb = VerbOf(method);
        var legacy = segments[at] is "watch" or "proxy" ? segments[at] : null;
        if (legacy is not null)
        {
            if (++at >= segments.Count)
            {
                refusal = new Refusal(RefusalReason.InvalidTarget, $"The path ends after '{legacy}'; name a resource");
                return null;
            }

            verb = legacy;
        }

        var @namespace = "";
        if (string.Equals(segments[at], "namespaces", StringComparison.Ordinal) && segments.Count > at + 1)
        {
            @namespace = segments[at + 1];
            if (segments.Count > at + 2 && segments[at + 2] is not ("status" or "finalize"))
            {
                at += 2;
            }
        }

        var resource = segments[at];
        var name = segments.Count > at + 1 ? segments[at + 1] : "";
        var subresource = segments.Count > at + 2 && legacy is not "proxy" ? segments[at + 2] : "";
        if (name.Length == 0 && verb is "get")
        {
            verb = ActionQuery.IsTrue(query, "watch") ? "watch" : "list";
            name = ActionQuery.PinnedName(query) ?? "";
        }
        else if (name.Length == 0 && verb is "delete")
        {
            verb = "deletecollection";
        }

        var opensStream = subresource is "exec" or "attach" or "portforward" && resource is "pods";
        var proxied = subresource is "proxy" || legacy is "proxy";
        return new KubernetesAction
        {
            IsResourceRequest = true,
            Verb = opensStream || (proxied && isUpgrade) ? "create" : verb,
            ApiGroup = group,
            ApiVersion = version,
            Namespace = @namespace,
            Resource = resource,
            Subresource = subresource,
            Name = name,
            IsLongRunning = isUpgrade || opensStream || proxied || verb is "watch"
                || (subresource is "log" && ActionQuery.IsTrue(query, "follow")),
        };
    }

    private static string VerbOf(string method) => method switch
    {
        "POST" => "create",
        "GET" or "HEAD" => "get",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => "delete",
        _ => method.ToLowerInvariant(),
    };
}
