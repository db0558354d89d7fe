using System.Globalization;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Wire;

namespace Fairlead.Testing.Http2;

/// <summary>The header fields of a request on HTTP/2 (RFC 9113 section 8.3.1).</summary>
internal static class Http2Fields
{
    public static IReadOnlyList<HeaderLine> Of(RawRequest request, string scheme)
    {
        var authority = request.Headers.FirstOrDefault(line => line.Name is "Host").Value ?? RawRequest.DefaultHost;
        List<HeaderLine> fields = [new(":method", request.Method)];
        if (request.Method is not "CONNECT" || request.Protocol is not null)
        {
            fields.Add(new(":scheme", scheme));
            fields.Add(new(":path", request.Target));
        }

        fields.Add(new(":authority", authority));
        if (request.Protocol is { } protocol)
        {
            fields.Add(new(":protocol", protocol));
        }

#pragma warning disable CA1308 // Field names are lower case on HTTP/2 (RFC 9113 section 8.2).
        fields.AddRange(request.Headers.Where(line => line.Name is not "Host").Select(line => line with { Name = line.Name.ToLowerInvariant() }));
#pragma warning restore CA1308
        if (request.Body is { } body && !request.Chunked && !request.Names("Content-Length"))
        {
            fields.Add(new("content-length", body.Length.ToString(CultureInfo.InvariantCulture)));
        }

        return fields;
    }
}
