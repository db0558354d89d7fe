using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Documents;
using Fairlead.Limits;

namespace Fairlead.Configuration.Binding;

/// <summary><c>limits</c> and <c>timeouts</c>.</summary>
internal static class LimitsBinder
{
    // Timers of the runtime take no more than about 49 days; nobody means more than one.
    private static readonly TimeSpan Longest = TimeSpan.FromHours(24);
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(10);

    public static LimitOptions Limits(Section root)
    {
        var defaults = new LimitOptions();
        if (root.Child("limits") is not { } limits)
        {
            return defaults;
        }

        var options = new LimitOptions
        {
            RequestBody = limits.Number("requestBody", 1, long.MaxValue),
            RequestLine = (int?)limits.Number("requestLine", 1024, 1024 * 1024) ?? defaults.RequestLine,
            RequestHeaders = (int?)limits.Number("requestHeaders", 1024, 16 * 1024 * 1024) ?? defaults.RequestHeaders,
            ResponseReadAhead = (int?)limits.Number("responseReadAhead", ConnectionBounds.LeastReadAhead, ConnectionBounds.MostReadAhead) ?? defaults.ResponseReadAhead,
            StreamsPerConnection = (int?)limits.Number("streamsPerConnection", 1, 100_000) ?? defaults.StreamsPerConnection,
            Requests = Scoped(limits, "requests"),
            Streams = Scoped(limits, "streams"),
            UpgradedConnections = Scoped(limits, "upgradedConnections"),
            Rate = Rate(limits),
            Connections = Connections(limits),
        };
        limits.Close();
        return options;
    }

    /// <summary>A map, or a number that means <c>all</c>, from which the others follow.</summary>
    private static ScopedLimit Scoped(Section limits, string key)
    {
        var defaults = ScopedLimit.Default;
        if (limits.Node(key) is ScalarNode)
        {
            return Count(limits, key, defaults.All) is { } all ? ScopedLimit.Within(all) : defaults with { All = null };
        }

        if (limits.Child(key) is not { } section)
        {
            return defaults;
        }

        var limit = new ScopedLimit(
            Count(section, "perCaller", defaults.PerCaller), Count(section, "perCluster", defaults.PerCluster), Count(section, "perService", defaults.PerService), Count(section, "all", defaults.All));
        section.Close();
        return limit;
    }

    private static RateLimit Rate(Section limits)
    {
        var defaults = RateLimit.Default;
        if (limits.Child("rate") is not { } section)
        {
            return defaults;
        }

        var limit = new RateLimit(Count(section, "perCaller", defaults.PerCaller), Count(section, "perCluster", defaults.PerCluster), Count(section, "all", defaults.All));
        section.Close();
        return limit;
    }

    private static ConnectionLimit Connections(Section limits)
    {
        var defaults = ConnectionLimit.Default;
        if (limits.Child("connections") is not { } section)
        {
            return defaults;
        }

        var limit = new ConnectionLimit(Count(section, "perAddress", defaults.PerAddress), Count(section, "all", defaults.All));
        section.Close();
        return limit;
    }

    /// <summary>A number, or the word for none.</summary>
    private static int? Count(Section section, string key, int? absent)
    {
        const int Most = 10_000_000;
        return section.Node(key) is ScalarNode { Type: ScalarKind.Text, Text: "unlimited" } ? null : (int?)section.Number(key, 1, Most) ?? absent;
    }

    public static TimeoutOptions Timeouts(Section root)
    {
        var defaults = new TimeoutOptions();
        if (root.Child("timeouts") is not { } timeouts)
        {
            return defaults;
        }

        var options = new TimeoutOptions
        {
            RequestHeaders = timeouts.Duration("requestHeaders", Shortest, Longest) ?? defaults.RequestHeaders,
            KeepAlive = timeouts.Duration("keepAlive", Shortest, Longest) ?? defaults.KeepAlive,
            Connect = timeouts.Duration("connect", Shortest, Longest) ?? defaults.Connect,
            ResponseHeaders = timeouts.Duration("responseHeaders", Shortest, Longest) ?? defaults.ResponseHeaders,
            Idle = timeouts.Duration("idle", Shortest, Longest) ?? defaults.Idle,

            // SocketsHttpHandler refuses a ping delay below one second.
            Ping = timeouts.Duration("ping", TimeSpan.FromSeconds(1), Longest) ?? defaults.Ping,
            Revocation = timeouts.Duration("revocation", TimeSpan.FromMilliseconds(300), TimeSpan.FromMinutes(10)) ?? defaults.Revocation,
            FileCheck = timeouts.Duration("fileCheck", Shortest, Longest) ?? defaults.FileCheck,
        };
        timeouts.Close();
        return options;
    }
}
