using System.Text.Json.Nodes;
using Fairlead.Demo.Resources;
using Fairlead.Demo.Storage;
using Yarp.ReverseProxy.Forwarder;

namespace Fairlead.Demo.Serving;

/// <summary>The <c>proxy</c> sub-resource of Services: <c>[scheme:]name[:port]</c>, then the Service's own path. It dials a ready endpoint.</summary>
internal sealed class ServiceProxy(ObjectStore store, IHttpForwarder forwarder) : IDisposable
{
    private static readonly ResourceType _services = ResourceCatalog.Find("", "v1", "services")!;
    private static readonly ResourceType _slices = ResourceCatalog.Find("discovery.k8s.io", "v1", "endpointslices")!;
    private static readonly ForwarderRequestConfig _patient = new() { ActivityTimeout = Timeout.InfiniteTimeSpan, Version = new Version(1, 1), VersionPolicy = HttpVersionPolicy.RequestVersionExact };

    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        UseCookies = false,
        // As the API server: the certificate of a Service is not verified.
#pragma warning disable CA5359 // A stand-in for what kube-apiserver does.
        SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
#pragma warning restore CA5359
    });

    /// <summary>Passes the request on and the answer back.</summary>
    public async Task AnswerAsync(ApiRequest request)
    {
        var parts = request.Name.Split(':');
        var name = parts.Length == 3 ? parts[1] : parts[0];
        var scheme = parts.Length == 3 && parts[0].Length > 0 ? parts[0] : "http";
        var service = store.Get(_services, request.Namespace, name) ?? throw ObjectStore.NotFound(_services, name);
        var address = Endpoint(service, request.Namespace, name, parts.Length == 3 ? parts[2] : parts.ElementAtOrDefault(1) ?? "")
            ?? throw new ApiException(503, "ServiceUnavailable", $"no endpoints available for service \"{request.Name}\"");
        var error = await forwarder.SendAsync(request.Http, $"{scheme}://{address}", _client, _patient, new Passing(request));
        if (error is not ForwarderError.None && !request.Http.Response.HasStarted && request.Http.Response.StatusCode is 502 or 504)
        {
            throw new ApiException(503, "ServiceUnavailable", $"error trying to reach service: dial tcp {address}: {error}");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private string? Endpoint(JsonObject service, string @namespace, string name, string port)
    {
        var declared = (service["spec"]?["ports"] as JsonArray ?? []).FirstOrDefault(item => port.Length == 0
            || string.Equals(item!["name"]?.ToString(), port, StringComparison.Ordinal) || string.Equals(item["port"]?.ToString(), port, StringComparison.Ordinal));
        var portName = declared?["name"]?.ToString() ?? "";
        return (from slice in store.List(_slices, @namespace).Items
                where string.Equals(slice["metadata"]?["labels"]?["kubernetes.io/service-name"]?.ToString(), name, StringComparison.Ordinal)
                from target in slice["ports"] as JsonArray ?? []
                where declared is not null && string.Equals(target!["name"]?.ToString() ?? "", portName, StringComparison.Ordinal)
                from endpoint in slice["endpoints"] as JsonArray ?? []
                where endpoint!["conditions"]?["ready"]?.GetValue<bool>() != false
                select $"{endpoint["addresses"]![0]}:{target["port"]}").FirstOrDefault();
    }

    private sealed class Passing(ApiRequest request) : HttpTransformer
    {
        private static readonly UriCreationOptions _verbatim = new() { DangerousDisablePathAndQueryCanonicalization = true };

        public override async ValueTask TransformRequestAsync(
            HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
        {
            await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
            // Authorization ends at the API server.
            proxyRequest.Headers.Authorization = null;
            proxyRequest.Headers.Host = null;
            proxyRequest.RequestUri = new Uri(destinationPrefix + request.Tail + request.Http.Request.QueryString, _verbatim);
        }
    }
}
