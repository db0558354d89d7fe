namespace Fairlead.Audit;

/// <summary>How many bytes of bodies, or of an upgraded connection, have passed between the gateway and a client.</summary>
internal sealed class ByteCounts
{
    /// <summary>From the client.</summary>
    public long In { get; private set; }

    /// <summary>To the client.</summary>
    public long Out { get; private set; }

    /// <summary>Counts the bodies of a request and its answer from now on.</summary>
    public void CountBodies(HttpContext http)
    {
        http.Response.Body = new CountedStream(http.Response.Body, this);
        if (http.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true })
        {
            http.Request.Body = new CountedStream(http.Request.Body, this);
        }
    }

    /// <summary>Bytes have come from the client.</summary>
    public void Took(int count) => In += count;

    /// <summary>Bytes have gone to the client.</summary>
    public void Gave(int count) => Out += count;
}
