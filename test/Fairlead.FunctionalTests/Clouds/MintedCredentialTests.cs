using System.Globalization;
using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Credentials.Minting;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Clouds;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.FunctionalTests.Clouds;

/// <summary>Credentials that are obtained: when their issuer fails, and when a cluster refuses them.</summary>
public sealed class MintedCredentialTests : IAsyncDisposable
{
    private readonly RawUpstream _issuer = new();
    private readonly RawUpstream _upstream = new();
    private readonly MovableClock _clock = new();
    private int _issued;

    public MintedCredentialTests() => _issuer.Respond(_ => RawAnswer.Json(
        200, string.Create(CultureInfo.InvariantCulture, $$"""{"access_token":"token-{{Interlocked.Increment(ref _issued)}}","expires_in":3599,"token_type":"Bearer"}""")));

    [Fact]
    public async Task B50_T05_An_issuer_that_fails_is_502_without_a_word_of_it_and_nothing_is_sent()
    {
        _issuer.Respond(RawAnswer.Json(400, """{"error":"invalid_grant","error_description":"geheim"}"""));
        await using var gateway = await StartAsync();

        var response = await gateway.GetAsync("/api/v1/pods", "gke");

        Refusals.ShouldBeWithoutCredential(response, "gke");
        _upstream.Requests.Should().BeEmpty();
        gateway.Log.Lines.Should().Contain(static line => line.Contains("token endpoint answers status 400 to the account of kubernetes.googleServiceAccountCredentials")).And.NotContain(static line => line.Contains("geheim"));
    }

    [Fact]
    public async Task B50_An_issuer_that_goes_away_afterwards_is_not_missed_while_its_token_is_good()
    {
        await using var gateway = await StartAsync();
        (await gateway.GetAsync("/api/v1/pods", "gke")).Status.Should().Be(200);
        _issuer.Respond(RawAnswer.Json(400, "{}"));
        _clock.Advance(TimeSpan.FromMinutes(55));

        (await gateway.GetAsync("/api/v1/pods", "gke")).Status.Should().Be(200);
        await Eventually.BeTrueAsync(() => gateway.Log.Count(321) > 0, "the renewal in the background fails");
        (await gateway.GetAsync("/api/v1/pods", "gke")).Status.Should().Be(200);

        _upstream.Requests.Select(static request => request.Header("Authorization")).Should().AllBe("Bearer token-1");
        _clock.Advance(TimeSpan.FromMinutes(5));
        Refusals.ShouldBeWithoutCredential(await gateway.GetAsync("/api/v1/pods", "gke"), "gke");
        _upstream.Requests.Should().HaveCount(3, "T05: an ended credential is not sent");
    }

    [Fact]
    public async Task A_token_that_the_cluster_refuses_is_renewed_once_and_the_client_sees_the_second_answer()
    {
        Refuse("Bearer token-1");
        await using var gateway = await StartAsync();
        await RefuseWhileYoungAsync(gateway);
        _clock.Advance(MintingSource.NotRenewedBefore);

        var response = await gateway.GetAsync("/api/v1/pods?limit=1", "gke");

        response.Status.Should().Be(200);
        response.BodyText.Should().Be("{\"kind\":\"PodList\"}");
        response.Header("WWW-Authenticate").Should().BeNull();
        _upstream.Requests.Skip(1).Select(static request => $"{request.Target} {request.Header("Authorization")}").Should().Equal("/api/v1/pods?limit=1 Bearer token-1", "/api/v1/pods?limit=1 Bearer token-2");
        gateway.Log.Lines.Should().NotContain(static line => line.Contains("token-1") || line.Contains("token-2"));
    }

    [Fact]
    public async Task A_cluster_that_refuses_the_new_one_too_is_heard()
    {
        Refuse("Bearer token-1", "Bearer token-2");
        await using var gateway = await StartAsync();
        await RefuseWhileYoungAsync(gateway);
        _clock.Advance(MintingSource.NotRenewedBefore);

        (await gateway.GetAsync("/api/v1/pods", "gke")).Status.Should().Be(401);

        _upstream.Requests.Should().HaveCount(3);
        _issued.Should().Be(2);
    }

    [Fact]
    public async Task A_request_with_a_body_is_not_sent_twice()
    {
        Refuse("Bearer token-1");
        await using var gateway = await StartAsync();
        await RefuseWhileYoungAsync(gateway);
        _clock.Advance(MintingSource.NotRenewedBefore);

        var response = await gateway.SendAsync(new RawRequest("POST", "/api/kubernetes/proxy/api/v1/namespaces").With("Backstage-Kubernetes-Cluster", "gke").WithBody("{}"));

        response.Status.Should().Be(401);
        _upstream.Requests.Should().HaveCount(2);
        _issued.Should().Be(1);
    }

    [Theory]
    [InlineData("POST", "/api/v1/namespaces/a/services/web/proxy/orders")]
    [InlineData("DELETE", "/api/v1/namespaces/a/pods/web:80/proxy/orders/1")]
    [InlineData("POST", "/api/v1/nodes/n/proxy/run/a/b/c?cmd=date")]
    [InlineData("GET", "/api/v1/proxy/namespaces/a/services/web/orders")]
    public async Task What_stands_behind_the_API_server_is_asked_once_whatever_it_answers(string method, string path)
    {
        Refuse("Bearer token-1");
        await using var gateway = await StartAsync();
        await RefuseWhileYoungAsync(gateway);
        _clock.Advance(MintingSource.NotRenewedBefore);

        var response = await gateway.SendAsync(new RawRequest(method, "/api/kubernetes/proxy" + path).With("Backstage-Kubernetes-Cluster", "gke").With("Content-Length", "0"));

        response.Status.Should().Be(401);
        _upstream.Requests.Should().HaveCount(2);
        _issued.Should().Be(1);
    }

    [Fact]
    public async Task An_exec_session_that_the_cluster_refuses_for_its_credential_is_opened_with_the_new_one()
    {
        _upstream.OnConnection(static async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
            {
                if (request.Header("Authorization") is "Bearer token-1")
                {
                    await connection.AnswerAsync(RawAnswer.Json(401, "{}"));
                    continue;
                }

                await connection.WriteAsync("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n");
                await connection.Duplex.CopyToAsync(connection.Duplex);
                return;
            }
        });
        await using var gateway = await StartAsync();
        await RefuseWhileYoungAsync(gateway);
        _clock.Advance(MintingSource.NotRenewedBefore);
        await using var caller = await RawClient.ConnectAsync(gateway.Port);

        var tunnel = await caller.SendAsync(SpdyHandshake.Request("/clusters/gke/api/v1/namespaces/a/pods/b/exec?command=sh").WithBearer(TestGateway.Token));

        tunnel.Status.Should().Be(101);
        await tunnel.Duplex.WriteAsync("hello"u8.ToArray());
        var echo = new byte[5];
        await tunnel.Duplex.ReadExactlyAsync(echo);
        echo.Should().Equal("hello"u8.ToArray());
        _issued.Should().Be(2);
    }

    [Fact]
    public async Task A_cluster_that_refuses_everything_does_not_have_the_credential_of_others_obtained_again_and_again()
    {
        Refuse([.. Enumerable.Range(1, 100).Select(static number => $"Bearer token-{number}")]);
        await using var gateway = await StartAsync();
        await RefuseWhileYoungAsync(gateway);

        for (var second = 0; second < 300; second += 5)
        {
            _clock.Advance(TimeSpan.FromSeconds(5));
            (await gateway.GetAsync("/api/v1/pods", "gke")).Status.Should().Be(401);
        }

        _issued.Should().BeLessThanOrEqualTo(6, "after 10, 20, 40, 80 and 160 seconds");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _issuer.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    /// <summary>A credential that was obtained just now is not obtained again: the next one would be no better.</summary>
    private async Task RefuseWhileYoungAsync(TestGateway gateway)
    {
        (await gateway.GetAsync("/api/v1/pods", "gke")).Status.Should().Be(401);
        _issued.Should().Be(1);
        _upstream.Requests.Should().ContainSingle();
    }

    private void Refuse(params string[] authorizations) => _upstream.Respond(request => authorizations.Contains(request.Header("Authorization"), StringComparer.Ordinal)
        ? RawAnswer.Json(401, """{"kind":"Status"}""", "WWW-Authenticate: Bearer")
        : RawAnswer.Json(200, """{"kind":"PodList"}"""));

    private Task<TestGateway> StartAsync() => TestGateway.StartAsync(
        TestGateway.Options(TestCluster.Of("gke", _upstream.Url, new CredentialDefinition.GoogleServiceAccount(new Secret(new GoogleKey(_issuer.Url).Json)))), time: _clock);
}
