using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Doors;
using Fairlead.Forwarding;
using Fairlead.Kubernetes.Resources;

namespace Fairlead.Services;

/// <summary>A Service and the way to it: everything that a request to it needs to know.</summary>
internal sealed record ServiceDestination
{
    /// <summary>The cluster.</summary>
    public required Cluster Cluster { get; init; }

    /// <summary>What the caller asked for.</summary>
    public required ServiceTarget Target { get; init; }

    /// <summary>The Service.</summary>
    public required ServiceView View { get; init; }

    /// <summary>The port.</summary>
    public required ServicePort Port { get; init; }

    /// <summary><c>http</c> or <c>https</c>.</summary>
    public required string Scheme { get; init; }

    /// <summary>The connections to the Service; null where its requests go over the API server.</summary>
    public required ConnectionPool? Pool { get; init; }

    /// <summary>Opens the connections again, where a change has taken <see cref="Pool"/> out of service on the way.</summary>
    public Func<ConnectionPool>? Reopen { get; init; }

    /// <summary>The host name that the Service is known by.</summary>
    public required string Host { get; init; }

    /// <summary>What is configured for this Service; null for nothing.</summary>
    public required ServiceOptions? Options { get; init; }

    /// <summary>What the Service gets in <c>Authorization</c>.</summary>
    public required ServiceAuthorization Authorization { get; init; }

    /// <summary>How long it may take to answer with headers.</summary>
    public required TimeSpan HeadersTimeout { get; init; }

    /// <summary>Whether requests go to the Service itself.</summary>
    public bool IsDirect => Pool is not null;

    /// <summary>The way, as <c>Fairlead-Transport</c> and the audit say it.</summary>
    public string Transport => IsDirect ? "direct" : "apiserver";

    /// <summary>The Service's own origin.</summary>
    public string Origin => $"{Scheme}://{Host}{(IsDefaultPort ? "" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $":{Port.Port}"))}";

    /// <summary>The path of the Service in its API server's <c>proxy</c> sub-resource, without a slash at the end.</summary>
    public string ProxyPath => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"/api/v1/namespaces/{Target.Namespace}/services/{Scheme}:{Target.Name}:{Port.Port}/proxy");

    /// <summary>What everything but the Service's own path is called upstream.</summary>
    public string Prefix => IsDirect ? Origin : Cluster.Upstream.Prefix + ProxyPath;

    /// <summary>The Service and its port, for records.</summary>
    public string Name => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Target.Namespace}/{Target.Name}:{Port.Port}");

    /// <summary>Without the configuration.</summary>
    public override string ToString() => $"{nameof(ServiceDestination)} {{ Target = {Target} }}";

    private bool IsDefaultPort => Port.Port == (Scheme is "https" ? 443 : 80);
}
