namespace Fairlead.Testing.Clients;

/// <summary>Keeps cookies as a browser does, and says where requests come from as one does; everything else is on the wire as it stands.</summary>
internal sealed class BrowserTab(WireProtocol protocol, string host)
{
    private readonly Dictionary<(string Name, string Path), string> _cookies = [];

    /// <summary>The gateway's port, which a test may change: another replica has another.</summary>
    public required int Port { get; set; }

    /// <summary>The cookies.</summary>
    public IReadOnlyDictionary<(string Name, string Path), string> Cookies => _cookies;

    /// <summary>The session's key; null for none.</summary>
    public string? SessionKey => _cookies.FirstOrDefault(static pair => pair.Key.Name.EndsWith("fairlead-session", StringComparison.Ordinal)).Value;

    /// <summary>Puts a cookie there by hand.</summary>
    public void Plant(string name, string value, string path = "/") => _cookies[(name, path)] = value;

    /// <summary>Opens a page by its address.</summary>
    public Task<RawResponse> OpenAsync(string target) => SendAsync(RawRequest.Get(target).With("Sec-Fetch-Site", "none").With("Sec-Fetch-Mode", "navigate").With("Sec-Fetch-Dest", "document"));

    /// <summary>Fetches from a page of the gateway's own.</summary>
    public Task<RawResponse> FetchAsync(string method, string target, string? body = null) =>
        SendAsync((body is null ? new RawRequest(method, target) : new RawRequest(method, target).WithBody(body)).With("Sec-Fetch-Site", "same-origin"));

    /// <summary>Sends a request with the cookies that are for its path, and takes what is set.</summary>
    public async Task<RawResponse> SendAsync(RawRequest request)
    {
        var response = await WireClient.ExchangeAsync(protocol, Port, WithCookies(request));
        Take(response);
        return response;
    }

    /// <summary>The request as this browser sends it.</summary>
    public RawRequest WithCookies(RawRequest request)
    {
        var path = request.Target.Split('?')[0];
        var cookies = string.Join("; ", _cookies.Where(pair => IsFor(pair.Key.Path, path)).Select(static pair => $"{pair.Key.Name}={pair.Value}"));
        request = request.With("Host", host);
        return cookies.Length == 0 ? request : request.With("Cookie", cookies);
    }

    /// <summary>Takes the cookies of an answer.</summary>
    public void Take(RawResponse response)
    {
        foreach (var line in response.Headers("Set-Cookie"))
        {
            var parts = line.Split("; ");
            var equals = parts[0].IndexOf('=', StringComparison.Ordinal);
            var path = parts.First(static part => part.StartsWith("Path=", StringComparison.Ordinal))["Path=".Length..];
            var key = (parts[0][..equals], path);
            if (parts.Contains("Max-Age=0", StringComparer.Ordinal))
            {
                _cookies.Remove(key);
            }
            else
            {
                _cookies[key] = parts[0][(equals + 1)..];
            }
        }
    }

    /// <summary>RFC 6265 5.1.4.</summary>
    private static bool IsFor(string cookiePath, string path) =>
        path.StartsWith(cookiePath, StringComparison.Ordinal) && (path.Length == cookiePath.Length || cookiePath.EndsWith('/') || path[cookiePath.Length] == '/');
}
