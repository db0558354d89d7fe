using AwesomeAssertions;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Kubernetes.ExecPlugins;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Upstreams;
using Xunit;

namespace Fairlead.HostileTests.Streams;

/// <summary>Upgrades arrive as what they were sent, and once.</summary>
public sealed class UpgradeMethodTests
{
    private const string Pod = "/api/v1/namespaces/n/pods/x/";

    [Fact]
    public async Task T93_SPDY_keeps_its_method_and_is_judged_as_create()
    {
        await using var world = await HostileWorld.StartAsync();
        HostileTunnel.Accept(world);
        var sent = 0;
        foreach (var way in HostileWays.Http11)
        {
            foreach (var method in new[] { "POST", "GET" })
            {
                foreach (var subresource in new[] { "exec?command=sh", "attach?stdin=true", "portforward" })
                {
                    var mark = world.Mark();
                    await using var client = await world.ConnectAsync(way);

                    var response = await client.SendAsync(world.Request(way, SpdyHandshake.Request(Pod + subresource) with { Method = method }));

                    response.Status.Should().Be(101, "{0}, {1} {2}: {3}", way, method, subresource, response);
                    var seen = world.SentSince(mark).Should().ContainSingle(way.ToString()).Subject;
                    seen.RequestLine.Should().Be($"{method} {Pod}{subresource} HTTP/1.1", way.ToString());
                    HeaderBlocks.ShouldBe(
                        seen,
                        [
                            .. HeaderBlocks.Expected(world, way), "Connection: Upgrade", "Upgrade: SPDY/3.1", "X-Stream-Protocol-Version: " + string.Join(", ", SpdyHandshake.ExecProtocols),
                            .. seen.HeaderLines.Where(static line => line.Name is "Content-Length").Select(static line => $"Content-Length: {(line.Value is "0" ? "0" : "not 0")}"),
                        ],
                        $"{way}, {method} {subresource}");
                    sent += way.Door is DoorName.Service ? 0 : 1;
                }
            }
        }

        await Eventually.BeTrueAsync(async () => (await Records(world)).Count == sent, "a record of each");
        (await Records(world)).Should().OnlyContain(static verb => verb == "create");

        static async Task<IReadOnlyList<string>> Records(HostileWorld world) =>
        [
            .. (await world.ReadAuditAsync()).Where(static record => record.GetProperty("annotations").GetProperty("fairlead.dev/door").GetString() is not "Service" && record.GetProperty("requestURI").GetString()!.Contains(Pod, StringComparison.Ordinal))
                .Select(static record => record.GetProperty("verb").GetString()!),
        ];
    }

    [Fact]
    public async Task T93_A_WebSocket_handshake_is_a_GET_or_refused()
    {
        await using var world = await HostileWorld.StartAsync();
        HostileTunnel.Accept(world);
        foreach (var way in HostileWays.All)
        {
            foreach (var method in new[] { "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS" })
            {
                var mark = world.Mark();

                var response = await world.SendAsync(way, RawRequest.WebSocket(Pod + "exec?command=sh", "v5.channel.k8s.io") with { Method = method });

                // On HTTP/2 the header is a fault of framing, and the stream is reset.
                response.Status.Should().BeOneOf(way.IsHttp2 ? [0, 400] : [400], "{0}, {1}: {2}", way, method, response);
                world.SentSince(mark).Should().BeEmpty("{0}, {1}", way, method);
            }

            // SPDY has no form on HTTP/2 either: nothing of it becomes a POST without an upgrade.
            if (way.IsHttp2)
            {
                var mark = world.Mark();
                (await world.SendAsync(way, SpdyHandshake.Request(Pod + "exec?command=sh"))).Status.Should().BeOneOf([0, 400], way.ToString());
                (await world.SendAsync(way, RawRequest.WebSocket(Pod + "exec?command=sh").AsExtendedConnect() with { Protocol = "SPDY/3.1" })).Status.Should().BeInRange(400, 501, way.ToString());
                world.SentSince(mark).Should().BeEmpty(way.ToString());
            }
        }
    }

    [Fact]
    public async Task T94_A_WebSocket_of_either_protocol_arrives_once_with_each_header_once_and_leaves_one_record()
    {
        await using var world = await HostileWorld.StartAsync();
        HostileTunnel.Accept(world);
        foreach (var way in HostileWays.All)
        {
            var mark = world.Mark();
            await using var client = await world.ConnectAsync(way);

            var response = await client.UpgradeAsync(world.Request(way, RawRequest.WebSocket(HostileTunnel.Exec, "v5.channel.k8s.io").With("X-Mine", "1")));

            response.Status.Should().Be(way.IsHttp2 ? 200 : 101, "{0}: {1}", way, response);
            var seen = world.SentSince(mark).Should().ContainSingle(way.ToString()).Subject;
            seen.RequestLine.Should().Be($"GET {HostileTunnel.Exec} HTTP/1.1", way.ToString());
            var key = seen.Header("Sec-WebSocket-Key");
            Convert.FromBase64String(key!).Should().HaveCount(16, way.ToString());
            HeaderBlocks.ShouldBe(
                seen,
                [.. HeaderBlocks.Expected(world, way), "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Protocol: v5.channel.k8s.io", "Sec-WebSocket-Key: " + key, "X-Mine: 1"],
                way.ToString());
            await HostileTunnel.ShouldPassAsync(response.Duplex, seen.Connection.Duplex, [0x82, 0x80, 0, 0, 0, 0], way.ToString());
            await HostileTunnel.ShouldPassAsync(seen.Connection.Duplex, response.Duplex, [0x82, 0], way.ToString());
        }

        await TunnelLifeTests.ShouldBeAuditedAsync(world, HostileWays.All.Count, static outcome => outcome is "ClientGone");
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(503)]
    [InlineData(0)]
    public async Task T94_An_upstream_that_refuses_the_first_try_sees_one_try_and_the_credential_is_minted_once(int status)
    {
        using var folder = new TempFolder();
        await using var upstream = new RawUpstream();
        upstream.OnConnection(async connection =>
        {
            // The first request of each connection is refused.
            if (await connection.ReadRequestAsync() is not null)
            {
                await connection.AnswerAsync(status == 0 ? RawAnswer.Nothing() : RawAnswer.Json(status, "{}", "Connection: close") with { Then = AfterAnswer.Close });
                await connection.PeerClosed;
            }
        });
        var plugin = folder.Write("plugin", $$"""
            #!/bin/sh
            echo run >> '{{folder.PathOf("runs")}}'
            echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"minted"} }'

            """);
        File.SetUnixFileMode(plugin, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await using var world = await HostileWorld.StartAsync(options => options with
        {
            ClusterLocators =
            [
                .. options.ClusterLocators,
                new ClusterLocator.Config("more", [TestCluster.Of("minted", upstream.Url, CredentialDefinition.Exec.Of(new ExecPlugin { Command = plugin, ApiVersion = ExecApiVersion.V1 }, new ExecSettings { AllowedCommands = [plugin] }))]),
            ],
        });
        var ways = HostileWays.All.Where(static way => way.Door is not DoorName.Service).ToArray();
        foreach (var way in ways)
        {
            var before = upstream.Requests.Count;
            var handshake = RawRequest.WebSocket((way.Door is DoorName.Cluster ? "/clusters/minted" : "/api/kubernetes/proxy") + HostileTunnel.Exec, "v5.channel.k8s.io");
            await using var client = await world.ConnectAsync(way);

            var response = await (await client.UpgradeAsync(world.Identified(way.Login, way.Door is DoorName.Backstage ? handshake.With("Backstage-Kubernetes-Cluster", "minted") : handshake))).ReadToEndAsync();

            response.Status.Should().Be(status == 0 ? 502 : status, "{0}: {1}", way, response);
            var seen = upstream.Requests.Skip(before).Should().ContainSingle(way.ToString()).Subject;
            seen.Headers("Authorization").Should().Equal(["Bearer minted"], way.ToString());
            seen.HeaderLines.Select(static line => line.Name.ToLowerInvariant()).Should().OnlyHaveUniqueItems(way.ToString());
        }

        File.ReadAllLines(folder.PathOf("runs")).Should().ContainSingle("the credential is minted once");
        await TunnelLifeTests.ShouldBeAuditedAsync(world, ways.Length, outcome => string.Equals(outcome, status == 0 ? "Refused/ConnectionClosed" : "Complete", StringComparison.Ordinal));
        (await world.ReadAuditAsync()).Where(static record => record.GetProperty("verb").GetString() is "create")
            .Should().HaveCount(ways.Length).And.OnlyContain(record => record.GetProperty("responseStatus").GetProperty("code").GetInt32() == (status == 0 ? 502 : status));
    }
}
