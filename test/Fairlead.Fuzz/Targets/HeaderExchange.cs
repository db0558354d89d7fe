using System.Net;
using Fairlead.Access;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Credentials;
using Fairlead.Doors;
using Fairlead.Forwarding;
using Fairlead.Kubernetes.Resources;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Services;
using Fairlead.Testing.Gateways;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fairlead.Fuzz.Targets;

/// <summary>A request's way from what the server has read to what the forwarder is given, without a network.</summary>
internal static class HeaderExchange
{
    /// <summary>The gateway's own <c>Authorization</c>.</summary>
    public const string Authorization = "Bearer gateway";

    /// <summary>The address of the peer.</summary>
    public const string Peer = "192.0.2.1";

    /// <summary>The API server.</summary>
    public const string Server = "https://kube.test:6443/base";

    private static readonly GatewayOptions _options = new()
    {
        ServiceProxy = new ServiceProxyOptions { Enabled = true, Services = [new ServiceOptions { Cluster = "c", Namespace = "ns", Name = "svc", Host = "svc.test" }] },
    };

    private static readonly Router _router = new("");
    private static readonly Cluster _cluster = new(
        TestCluster.Held("c", Server), new GatewayOptions(), TestCluster.Minters, static (_, _) => throw new InvalidOperationException("nothing is resolved here"), TimeProvider.System, NullLoggerFactory.Instance);

    /// <summary>What the server makes of a request: a method and a target, then header lines. Lines that it would refuse are left out.</summary>
    public static DefaultHttpContext Context(string method, string target, IEnumerable<string> lines)
    {
        var http = new DefaultHttpContext();
        http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = target;
        http.Request.Method = method;
        http.Request.Protocol = "HTTP/1.1";
        http.Request.Scheme = "https";
        http.Connection.RemoteIpAddress = IPAddress.Parse(Peer);
        foreach (var (name, value) in Headers(lines))
        {
            http.Request.Headers.Append(name, value);
        }

        if (http.Request.Headers.Connection.Any(static line => line!.Contains("upgrade", StringComparison.OrdinalIgnoreCase)))
        {
            http.Features.Set<IHttpUpgradeFeature>(new Upgradable());
        }

        return http;
    }

    /// <summary>The header lines that a server takes: a token, a colon, and a value without control bytes.</summary>
    public static IEnumerable<(string Name, string Value)> Headers(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && line[..colon].All(IsToken) && !line.AsSpan(colon + 1).ContainsAny('\r', '\0'))
            {
                yield return (line[..colon], line[(colon + 1)..].Trim(' ', '\t'));
            }
        }
    }

    /// <summary>Reads a request and finds what is sent where; null where it is refused or answered by the gateway.</summary>
    public static UpstreamRequest? Plan(HttpContext http)
    {
        if (RequestCapture.Read(http, _router, _options, out var refusal, out _) is not { } request)
        {
            Invariant.Holds(refusal is not null, "there is neither a request nor a refusal");
            return null;
        }

        // The stage that says who calls refuses what is wrong with the sub-protocols.
        if (request.Route is not DoorRoute.Forwarded route || request.WebSocketProtocols.Problem is not null)
        {
            return null;
        }

        var action = route is DoorRoute.Service named
            ? ServiceStage.ActionOf(request, named.Target)
            : KubernetesActionParser.Parse(request.Target, route.PrefixLength, request.Method, request.Upgrade is not UpgradeKind.None, out _);
        return action is null ? null : new UpstreamRequest
        {
            Cluster = _cluster, Question = new AuthorityQuestion(request, route, action), Authority = default, StreamClass = StreamClass.Short,
            Credential = new UpstreamCredential.ServiceAccount(new Secret(Authorization)), Service = (route as DoorRoute.Service)?.Target is { } target ? Destination(target) : null,
        };
    }

    private static ServiceDestination Destination(ServiceTarget target) => new()
    {
        Cluster = _cluster, Target = target, View = new ServiceView(new Service(new ObjectMeta()), null), Port = new ServicePort(80), Scheme = "http", Pool = null,
        Host = "svc.ns.svc", Options = null, Authorization = ServiceAuthorization.Forward, HeadersTimeout = TimeSpan.FromSeconds(1),
    };

    private static bool IsToken(char character) => char.IsAsciiLetterOrDigit(character) || "!#$%&'*+-.^_`|~".Contains(character, StringComparison.Ordinal);

    /// <summary>Says that a request may be upgraded, which the server says where <c>Connection</c> names it.</summary>
    private sealed class Upgradable : IHttpUpgradeFeature
    {
        public bool IsUpgradableRequest => true;

        public Task<Stream> UpgradeAsync() => throw new NotSupportedException();
    }
}
