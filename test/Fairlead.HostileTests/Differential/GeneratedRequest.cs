using Fairlead.Testing.Clients;

namespace Fairlead.HostileTests.Differential;

/// <summary>A request of the differential check.</summary>
/// <param name="Request">The request, below its door.</param>
/// <param name="IsLegal">Whether nothing in it may be refused.</param>
internal sealed record GeneratedRequest(RawRequest Request, bool IsLegal)
{
    /// <inheritdoc/>
    public override string ToString()
    {
        var lines = string.Concat(Request.Headers.Select(static line => $"\n{line.Name}: {line.Value}"));
        return $"{(IsLegal ? "legal" : "hostile")} {Request.Method} {Request.Target}{lines}\n({Request.Body?.Length.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "no"} bytes{(Request.Chunked ? ", chunked" : "")})";
    }
}
