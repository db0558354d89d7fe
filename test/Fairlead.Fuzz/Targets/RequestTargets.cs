using Fairlead.Doors;
using Fairlead.Testing.Access;

namespace Fairlead.Fuzz.Targets;

/// <summary>Targets of requests, and the door that each leads to. An input is a target.</summary>
internal static class RequestTargets
{
    private const int Limit = 24 * 1024;
    private static readonly Router[] _routers = [new Router(""), new Router("/base")];

    /// <summary>Reads one target.</summary>
    public static bool Attack(byte[] input)
    {
        var raw = InputText.Of(input);
        var target = RequestTarget.Parse(raw, Limit, out var refusal);
        Invariant.Holds(target is null != (refusal is null), "there is a target and a refusal, or neither");
        if (target is null)
        {
            Invariant.Holds(!IsPlain(raw), "a plain path was refused");
            return false;
        }

        Invariant.Same(target.Below(0), raw, "what is forwarded");
        Invariant.Same($"{target.Path}{target.Query}", raw, "path and query");
        Invariant.Holds(!DotSegments.AreIn(target.Path.ToString()), "a dot segment was accepted");
        foreach (var router in _routers)
        {
            Check(router.Find(target), router, target);
        }

        return true;
    }

    /// <summary>What nobody can take for something else.</summary>
    private static bool IsPlain(string raw) =>
        raw.Length is > 0 and <= Limit && raw[0] == '/' && !raw.Contains("/.", StringComparison.Ordinal)
        && raw.All(static character => char.IsAsciiLetterOrDigit(character) || "/-._~?&=:".Contains(character, StringComparison.Ordinal));

    private static void Check(DoorRoute route, Router router, RequestTarget target)
    {
        if (route is not DoorRoute.Forwarded forwarded)
        {
            return;
        }

        Invariant.Holds(forwarded.PrefixLength <= target.PathLength, "the door's part is longer than the path");
        Invariant.Holds(router.DoorOf(target.Raw) == route.Door, "an error before the target is read has another shape than one after it");
        var below = target.Below(forwarded.PrefixLength);
        Invariant.Holds(below.StartsWith('/'), "what is forwarded begins without a slash");
        Invariant.Holds(
            forwarded.PrefixLength == target.PathLength
                ? string.Equals(below, $"/{target.Query}", StringComparison.Ordinal)
                : string.Equals(target.Raw, target.Raw[..forwarded.PrefixLength] + below, StringComparison.Ordinal),
            "what is forwarded is not the rest of the target");
        Invariant.Holds(forwarded.ClusterName is not "", "the cluster has an empty name");
        if (route is DoorRoute.Service service)
        {
            Check(service.Target, target.Path[service.PrefixLength..].ToString());
        }
        else
        {
            Invariant.Holds(forwarded.ClusterName is null || !forwarded.ClusterName.AsSpan().ContainsAny('/', '\\', '%'), "the cluster's name is more than one segment");
        }
    }

    private static void Check(ServiceTarget service, string rest)
    {
        Invariant.Holds(ServiceDoor.IsLabel(service.Namespace) && ServiceDoor.IsLabel(service.Name), "a Service's name is no label");
        Invariant.Holds(service.Scheme is null or "http" or "https", "another scheme");
        Invariant.Holds(service.Port is not "", "an empty port");
        Invariant.Holds(RequestTarget.Parse(service.PathAndQuery, int.MaxValue, out _) is not null, "what the Service is asked for is no target");
        Invariant.Holds(
            service.IsRequestForm || string.Equals(service.PathAndQuery.Split('?')[0], rest.Length == 0 ? "/" : rest, StringComparison.Ordinal), "the Service is asked for another path than was sent");
    }
}
