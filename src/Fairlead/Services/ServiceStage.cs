using System.Net;
using Fairlead.Access;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Credentials;
using Fairlead.Doors;
using Fairlead.Forwarding;
using Fairlead.Kubernetes.Resources;

namespace Fairlead.Services;

/// <summary>
/// From the name of a Service to the way there: may the caller, which Service, which port, which way, and may one go there at all
/// (contract <c>headlamp.md</c> F12 to F22, F36, F37). Nothing of it costs a call of the API server once memory is warm.
/// </summary>
internal static class ServiceStage
{
    private const int HttpsPort = 443;

    /// <summary>What a request to a Service asks for, as RBAC says it: a verb on <c>services/proxy</c> (contract F20).</summary>
    public static KubernetesAction ActionOf(InboundRequest request, ServiceTarget target) => new()
    {
        IsResourceRequest = true,
        Verb = request.Upgrade is not UpgradeKind.None ? "create" : request.Method switch
        {
            "POST" => "create",
            "PUT" => "update",
            "PATCH" => "patch",
            "DELETE" => "delete",
            _ => "get",
        },
        ApiVersion = "v1",
        Namespace = target.Namespace,
        Resource = "services",
        Subresource = "proxy",
        Name = target.Name,
        IsLongRunning = true,
    };

    /// <summary>Finds the way.</summary>
    public static async ValueTask<ServiceResolution> ResolveAsync(
        ServiceTarget target, Cluster cluster, CredentialPlan plan, ServiceProxyOptions options, CancellationToken cancellationToken)
    {
        var chosen = options.Find(cluster, target);
        var isDirect = cluster.Definition.IsDirect && (chosen?.Transport ?? options.Transport) is not TransportChoice.ApiServer;
        var lookup = await cluster.Services.FindAsync(target.Namespace, target.Name, isDirect, plan, cancellationToken);
        if (lookup.View is not { } view)
        {
            return new ServiceResolution(null, lookup.Refusal);
        }

        if (PortChoice.Find(view.Service, target.Port ?? chosen?.Port, out var refusal) is not { } port)
        {
            return new ServiceResolution(null, refusal);
        }

        // What is configured about the scheme is about the configured port.
        var isConfigured = target.Port is null || chosen?.Port is null || ReferenceEquals(PortChoice.Find(view.Service, chosen.Port, out _), port);
        var scheme = target.Scheme ?? (isConfigured ? chosen?.Scheme : null) ?? PortChoice.SchemeOf(port);
        if (chosen is { CredentialSecret: not null } or { TokenAudience: not null } && (!isConfigured || (chosen.Scheme is not null && !string.Equals(scheme, chosen.Scheme, StringComparison.Ordinal))))
        {
            return new ServiceResolution(null, new Refusal(
                RefusalReason.NotAllowed, $"Service '{target.Namespace}/{target.Name}' has a credential of its own, which is for its configured port and scheme only"));
        }

        var destination = new ServiceDestination
        {
            Cluster = cluster,
            Target = target,
            View = view,
            Port = port,
            Scheme = scheme,
            Pool = null,
            Host = view.IsExternal ? HostOf(view.Service.Spec.ExternalName.TrimEnd('.')) : $"{target.Name}.{target.Namespace}.svc.{options.ClusterDomain}",
            Options = chosen,
            Authorization = Authorize(view, chosen, options),
            HeadersTimeout = chosen?.HeadersTimeout ?? options.HeadersTimeout,
        };
        return isDirect ? await ConnectAsync(destination, options, cancellationToken)
            : view.IsExternal ? Refuse(RefusalReason.NoEndpoints, destination, "is an ExternalName, which an API server does not proxy; the gateway reaches it only from within the cluster's network (network: direct)")
            : new ServiceResolution(destination, null);
    }

    /// <summary>The same Service by another scheme and port, for a redirect from http to https (contract F32).</summary>
    public static ValueTask<ServiceResolution> SecureAsync(
        ServiceDestination destination, (int Port, string PathAndQuery) next, ServiceProxyOptions options, CancellationToken cancellationToken) =>
        ConnectAsync(
            destination with
            {
                Scheme = "https",
                Port = Declared(destination, next.Port) ?? new ServicePort(next.Port, destination.Port.Name),
                Target = destination.Target with { PathAndQuery = next.PathAndQuery },
                Pool = null,
            },
            options,
            cancellationToken);

    /// <summary>Whether a redirect to that port of the same host leads to something that the Service says it has; a host outside also has the port of https.</summary>
    public static bool MayFollowTo(ServiceDestination destination, int port) => Declared(destination, port) is not null || (destination.View.IsExternal && port == HttpsPort);

    private static ServicePort? Declared(ServiceDestination destination, int port) => (destination.View.Service.Spec.Ports ?? []).FirstOrDefault(one => one.Port == port);

    private static string HostOf(string externalName) => Uri.CheckHostName(externalName) is UriHostNameType.IPv6 ? $"[{externalName}]" : externalName;

    /// <summary>What the caller has to be allowed by the cluster, where it judges them (contract F20).</summary>
    public static KubernetesAction Reviewed(InboundRequest request, KubernetesAction action, ServiceProxyOptions options) =>
        options.RequiresOnlyGet && request.Upgrade is UpgradeKind.None && request.Method is "GET" or "HEAD" ? action with { Subresource = "" } : action;

    /// <summary>Configuration first; a Service's annotation may ask for less than the caller's token, never for more (contract F24).</summary>
    private static ServiceAuthorization Authorize(ServiceView view, ServiceOptions? chosen, ServiceProxyOptions options) =>
        chosen?.Authorization ?? view.Service.Metadata.Annotations?.GetValueOrDefault(ServiceView.AuthorizationAnnotation) switch
        {
            "identity" => ServiceAuthorization.Identity,
            "none" => ServiceAuthorization.None,
            _ => options.Authorization,
        };

    private static async ValueTask<ServiceResolution> ConnectAsync(ServiceDestination destination, ServiceProxyOptions options, CancellationToken cancellationToken)
    {
        var upstreams = destination.Cluster.ServiceUpstreams;
        var (target, view, port) = (destination.Target, destination.View, destination.Port);
        var key = new ServiceKey(target.Namespace, target.Name, port.Port, destination.Scheme);
        if (upstreams.Find(key, view, options) is { } known)
        {
            return new ServiceResolution(destination with { Pool = known.Pool, Reopen = () => upstreams.Open(key, view, options, known.Settings) }, null);
        }

        if (target is { Namespace: "default", Name: "kubernetes" })
        {
            // The API server itself, by whatever address: there are doors for it.
            return new ServiceResolution(null, new Refusal(RefusalReason.AddressNotAllowed, UpstreamFailure.Message(RefusalReason.AddressNotAllowed, Subject(destination))));
        }

        DialTarget dial;
        if (view.IsExternal)
        {
            if (Uri.CheckHostName(destination.Host) is UriHostNameType.Unknown or UriHostNameType.Basic)
            {
                return Refuse(RefusalReason.ServiceUnusable, destination, "has an ExternalName that is no host name");
            }

            dial = new DialTarget.Name(destination.Host, port.Port);
        }
        else
        {
            var ready = view.ReadyEndpoints(port.Name).ToArray();
            if (ready.Length == 0)
            {
                return Refuse(RefusalReason.NoEndpoints, destination, $"has no ready endpoint for port {port.Port}");
            }

            IPEndPoint[] dialled = view.IsHeadless ? ready
                : IPAddress.TryParse(view.Service.Spec.ClusterIP, out var address) ? [new IPEndPoint(address, port.Port)]
                : [];
            if (dialled.Length == 0)
            {
                return Refuse(RefusalReason.ServiceUnusable, destination, "has a ClusterIP that is no address");
            }

            try
            {
                if (!await upstreams.AllowsAsync(ready.Concat(dialled).Select(static endPoint => endPoint.Address), options, cancellationToken))
                {
                    return new ServiceResolution(
                        null, new Refusal(RefusalReason.AddressNotAllowed, UpstreamFailure.Message(RefusalReason.AddressNotAllowed, Subject(destination))));
                }
            }
            catch (ApiServerUnknownException)
            {
                return Refuse(
                    RefusalReason.ReviewUnavailable, destination,
                    "cannot be checked: where the API server is could not be found out; the gateway's account has to be able to list endpointslices.discovery.k8s.io (deploy/rbac/services.yaml)");
            }

            dial = new DialTarget.Addresses([.. dialled.OrderBy(static endPoint => endPoint.ToString(), StringComparer.Ordinal)]);
        }

        var chosen = destination.Options;
        var settings = new ServiceSettings
        {
            Namespace = target.Namespace,
            Name = target.Name,
            Uid = view.Service.Metadata.Uid,
            Target = dial,
            IsExternal = view.IsExternal,
            IsTls = destination.Scheme is "https",
            ClusterDomain = options.ClusterDomain,
            CertificateAuthority = chosen?.CertificateAuthority,
            ClientCertificate = chosen?.ClientCertificate,
            SkipTlsVerify = chosen?.SkipTlsVerify == true,
        };
        try
        {
            return new ServiceResolution(
                destination with { Pool = upstreams.Open(key, view, options, settings), Reopen = () => upstreams.Open(key, view, options, settings) }, null);
        }
        catch (ObjectDisposedException)
        {
            return Refuse(RefusalReason.ClusterUnusable, destination, "cannot be reached: its cluster's configuration has just changed, try again");
        }
    }

    private static ServiceResolution Refuse(RefusalReason reason, ServiceDestination destination, string what) =>
        new(null, new Refusal(reason, $"{Subject(destination)} {what}"));

    /// <summary>The Service in messages.</summary>
    public static string Subject(ServiceDestination destination) => $"Service '{destination.Target.Namespace}/{destination.Target.Name}'";
}

/// <summary>The way, or why there is none.</summary>
/// <param name="Destination">The way.</param>
/// <param name="Refusal">The refusal.</param>
internal readonly record struct ServiceResolution(ServiceDestination? Destination, Refusal? Refusal);
