using Microsoft.AspNetCore.Http.Features;

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
        // As a feature: Response.Body would wrap it once more, and register its end.
        http.Features.Set<IHttpResponseBodyFeature>(new CountedResponse(http.Features.GetRequiredFeature<IHttpResponseBodyFeature>(), this));
        if (http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true })
        {
            http.Request.Body = new CountedStream(http.Request.Body, this);
        }
    }

    /// <summary>Bytes have come from the client.</summary>
    public void Took(int count) => In += count;

    /// <summary>Bytes have gone to the client.</summary>
    public void Gave(int count) => Out += count;
}
