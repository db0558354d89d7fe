using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Limits;
using Xunit;

namespace Fairlead.Tests.Configuration;

public sealed class RestartKeysTests : IDisposable
{
    private readonly Loading _loading = new();

    public static TheoryData<string, string> Changes => new()
    {
        { "listen", "listen: http://127.0.0.1:1" },
        { "listen", "listen: [http://127.0.0.1:8080, http://127.0.0.1:1]" },
        { "tls", "listen: https://127.0.0.1:8080\ntls: { certFile: a, keyFile: b }" },
        { "baseUrl", "baseUrl: /x" },
        { "management", "management: { listen: 'off' }" },
        { "cors", "cors: { origins: ['https://a.example'] }" },
        { "trustedProxies", "trustedProxies: 10.0.0.1" },
        { "sessions", "sessions: { idle: 2h }" },
        { "sessions", "sessions: { secret: abcdefghijklmnopqrstuvwxyzabcdef }" },
        { "stateDir", "stateDir: x" },
        { "limits", "limits: { requestLine: 4096 }" },
        { "limits", "limits: { connections: { all: 17 } }" },
        { "timeouts", "timeouts: { idle: 1s }" },
        { "drain", "drain: { budget: 1s }" },
        { "log", "log: { level: debug }" },
        { "audit", "audit: { file: x }" },
    };

    public void Dispose() => _loading.Dispose();

    [Theory]
    [MemberData(nameof(Changes))]
    public void T111_What_is_read_at_the_start_alone_is_named_when_it_changes(string key, string text) =>
        RestartKeys.Changed(_loading.Options("hosts: b.example"), _loading.Options(text)).Should().Contain(key);

    [Theory]
    [InlineData("hosts: b.example")]
    [InlineData("publicUrl: https://a.example")]
    [InlineData("hosts: a.example")]
    [InlineData("access: { rules: [] }")]
    [InlineData("serviceProxy: { enabled: false }")]
    [InlineData("listen: http://127.0.0.1:8080")]
    public void T111_Nothing_else_is(string text) => RestartKeys.Changed(_loading.Options("hosts: b.example"), _loading.Options(text)).Should().BeEmpty();

    [Fact]
    public void A_limit_that_was_fitted_to_the_process_is_no_change_until_it_is_set_lower()
    {
        var start = new GatewayOptions();
        start = start with { Limits = start.Limits with { Connections = start.Limits.Connections.FittedTo(100) } };

        RestartKeys.Changed(start, new GatewayOptions()).Should().BeEmpty();
        RestartKeys.Changed(start, With(new ConnectionLimit(start.Limits.Connections.PerAddress, 99))).Should().Equal("limits");
        RestartKeys.Changed(start, With(new ConnectionLimit(3, 8192))).Should().Equal("limits");

        static GatewayOptions With(ConnectionLimit limit) => new() { Limits = new LimitOptions { Connections = limit } };
    }
}
