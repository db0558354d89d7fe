using AwesomeAssertions;
using Fairlead.Audit;
using Fairlead.Testing;

namespace Fairlead.HostileTests;

/// <summary>Requests that were sent, and the audit records that they have to leave: one each.</summary>
internal sealed class HostileAudit(HostileWorld world)
{
    private readonly List<string> _sent = [];

    /// <summary>A request that the gateway itself has answered.</summary>
    public void Expect(string target, int status) => _sent.Add($"{status} {AuditEvent.Redact(target)}");

    /// <summary>Waits for the records: each request has exactly one, with the target that was sent and the status that was answered.</summary>
    public async Task ShouldBeCompleteAsync()
    {
        var targets = _sent.Select(static line => line[4..]).ToHashSet(StringComparer.Ordinal);
        List<string> found = [];
        await Eventually.BeTrueAsync(
            async () => (found = [.. from record in await world.ReadAuditAsync()
                                     let uri = record.GetProperty("requestURI").GetString()!
                                     where targets.Contains(uri)
                                     select $"{record.GetProperty("responseStatus").GetProperty("code").GetInt32()} {uri}"]).Count >= _sent.Count,
            "an audit record of each request");
        found.Order(StringComparer.Ordinal).Should().Equal(_sent.Order(StringComparer.Ordinal));
    }
}
