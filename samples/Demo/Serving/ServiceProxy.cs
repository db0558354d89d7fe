using Fairlead.Demo.Resources;
using Fairlead.Demo.Storage;

namespace Fairlead.Demo.Serving;

/// <summary>The <c>proxy</c> sub-resource of Services: <c>[scheme:]name[:port]</c>, then the Service's own path.</summary>
/// <param name="store">The objects.</param>
/// <param name="backends">Where Services really listen, by namespace and name.</param>
internal sealed class ServiceProxy(ObjectStore store, IReadOnlyDictionary<string, Uri> backends) : IDisposable
{
    private static readonly ResourceType _services = ResourceCatalog.Find("", "v1", "services")!;
    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false });

    /// <summary>Passes the request on and the answer back.</summary>
    public async Task AnswerAsync(ApiRequest request)
    {
        var parts = request.Name.Split(':');
        var name = parts.Length == 3 ? parts[1] : parts[0];
        _ = store.Get(_services, request.Namespace, name) ?? throw ObjectStore.NotFound(_services, name);
        if (!backends.TryGetValue($"{request.Namespace}/{name}", out var backend))
        {
            throw new ApiException(503, "ServiceUnavailable", $"no endpoints available for service \"{request.Name}\"");
        }

        var http = request.Http;
        using var message = new HttpRequestMessage(HttpMethod.Parse(http.Request.Method), new Uri(backend, "/" + request.Tail + http.Request.QueryString));
        if (http.Request.ContentLength > 0)
        {
            message.Content = new StreamContent(http.Request.Body);
            message.Content.Headers.TryAddWithoutValidation("Content-Type", http.Request.ContentType);
        }

        using var answer = await _client.SendAsync(message, http.RequestAborted);
        http.Response.StatusCode = (int)answer.StatusCode;
        http.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
        await answer.Content.CopyToAsync(http.Response.Body, http.RequestAborted);
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();
}
