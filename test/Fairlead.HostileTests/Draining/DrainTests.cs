using System.Net.Sockets;
using System.Runtime.InteropServices;
using AwesomeAssertions;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Http2;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Wire;
using Xunit;

namespace Fairlead.HostileTests.Draining;

/// <summary>A real gateway is told to stop while requests and streams of every kind are open.</summary>
public sealed class DrainTests
{
    private const string Pods = "/api/v1/namespaces/a/pods";
    private const string Held = Pods + "/held";
    private const string HeldProxied = "/api/v1/namespaces/a/services/s/proxy/held";
    private const string Watch = Pods + "?watch=1";
    private const string Log = Pods + "/b/log?follow=true";
    private const string Exec = Pods + "/b/exec?command=sh&stdin=true";

    [Fact]
    public async Task T99_From_the_signal_on_readiness_is_off_and_connections_are_told_to_end_while_everything_is_still_served()
    {
        await using var world = await DrainWorld.StartAsync("delay: 1h, budget: 1h");
        (await world.ProbeAsync("/readyz")).Status.Should().Be(200);
        await using var kept = await RawClient.ConnectAsync(world.Port);
        var before = await (await kept.SendAsync(DrainWorld.Request(Pods))).ReadToEndAsync();
        before.Header("Connection").Should().BeNull();
        await using var idle = await RawHttp2Client.ConnectAsync(world.TlsPort, new RawTls());
        await using var busy = await RawHttp2Client.ConnectAsync(world.TlsPort, new RawTls());
        var watch = await busy.SendAsync(DrainWorld.Request(Watch));
        (await watch.ReadLineAsync()).Should().Be("first");
        await using var begun = await RawClient.ConnectAsync(world.Port);
        await begun.WriteAsync(DrainWorld.Request(Held).ToHttp11());
        await world.UntilSeenAsync(Held, 1);

        world.Gateway.Process.Signal(PosixSignal.SIGTERM);

        await Eventually.BeTrueAsync(async () => (await world.ProbeAsync("/readyz")).Status == 503, "readiness is off");
        (await world.ProbeAsync("/readyz?verbose")).Status.Should().Be(503);
        (await world.ProbeAsync("/livez")).Should().Be((200, "ok"));
        await idle.WaitForCloseAsync();
        idle.GoAwayError.Should().Be(0);
        await Eventually.BeTrueAsync(() => busy.GoAwayError == 0, "a connection with an open stream is told");
        world.LetGo();
        await ShouldBeTheLastAsync(begun, await begun.ReadHeadAsync());
        await ShouldBeTheLastAsync(kept, await kept.SendAsync(DrainWorld.Request(Pods)));
        await using var late = await RawClient.ConnectAsync(world.Port);
        await ShouldBeTheLastAsync(late, await late.SendAsync(DrainWorld.Request(Pods)));
        await using var lateToo = await RawHttp2Client.ConnectAsync(world.TlsPort, new RawTls());
        (await (await lateToo.SendAsync(DrainWorld.Request(Pods))).ReadToEndAsync()).Status.Should().Be(200);
        await lateToo.WaitForCloseAsync();
        lateToo.GoAwayError.Should().Be(0);
        watch.End.Should().BeNull("nothing is ended yet");
        await using var socket = await world.ConnectAsync(WireProtocol.Http11);
        (await WebSocketFrames.ReadAsync((await socket.UpgradeAsync(DrainWorld.Socket(Exec))).Duplex))!.Text.Should().Be("first");
        world.Gateway.Process.HasExited.Should().BeFalse();

        // Not SIGINT: shells start what runs in the background with it ignored, and .NET leaves that as it is.
        world.Gateway.Process.Signal(PosixSignal.SIGTERM);

        await ShouldBeCutAsync(watch);
        (await world.Gateway.Process.WaitForExitAsync()).Should().Be(0, world.Gateway.Process.Transcript());
    }

    [Fact]
    public async Task T99_Nobody_is_let_in_any_more_watches_end_and_everything_else_goes_on_to_its_own_end()
    {
        await using var world = await DrainWorld.StartAsync("delay: 0s, budget: 1h");
        var clients = new Clients(world);
        List<(WireProtocol Protocol, RawResponse Response)> watches = [], logs = [], sockets = [], execs = [];
        List<Task<RawResponse>> held = [];
        foreach (var protocol in WireClient.Protocols)
        {
            watches.Add((protocol, await clients.SendAsync(protocol, DrainWorld.Request(Watch))));
            logs.Add((protocol, await clients.SendAsync(protocol, DrainWorld.Request(Log))));
            sockets.Add((protocol, await clients.UpgradeAsync(protocol, DrainWorld.Socket(Watch))));
            execs.Add((protocol, await clients.UpgradeAsync(protocol, DrainWorld.Socket(Exec))));
            held.Add(clients.SendAsync(protocol, DrainWorld.Request(Held)));
        }

        foreach (var (_, response) in watches.Concat(logs))
        {
            (await response.ReadLineAsync()).Should().Be("first");
        }

        foreach (var (_, response) in sockets.Concat(execs))
        {
            (await WebSocketFrames.ReadAsync(response.Duplex))!.Text.Should().Be("first");
        }

        await world.UntilSeenAsync(Held, held.Count);
        var spdy = await clients.SendAsync(WireProtocol.Http11, SpdyHandshake.Request("/clusters/kind" + Exec).WithBearer(Testing.Gateways.TestGateway.Token));
        await spdy.Duplex.ReadExactlyAsync(new byte[5]);

        world.Gateway.Process.Signal(PosixSignal.SIGTERM);

        await Eventually.BeTrueAsync(() => IsClosedAsync(world.Port), "nobody is let in");
        (await IsClosedAsync(world.TlsPort)).Should().BeTrue();
        (await world.ProbeAsync("/livez")).Status.Should().Be(200, "the management listener answers to the end");
        foreach (var (_, response) in watches)
        {
            await ShouldBeCutAsync(response);
        }

        foreach (var (protocol, response) in sockets)
        {
            await ShouldBeToldAsync(protocol, response);
        }

        foreach (var (protocol, response) in execs)
        {
            await WebSocketFrames.WriteAsClientAsync(response.Duplex, WebSocketFrame.OfText("still"));
            (await WebSocketFrames.ReadAsync(response.Duplex))!.Text.Should().Be("still", $"{protocol}");
        }

        world.LetGo();
        foreach (var (protocol, answer) in WireClient.Protocols.Zip(held))
        {
            var response = await (await answer).ReadToEndAsync();
            response.Status.Should().Be(200, $"{protocol}");
            response.End.Should().Be(ResponseEnd.Complete);
            response.Header("Connection").Should().Be(protocol is WireProtocol.Http2Tls ? null : "close");
        }

        logs.Should().AllSatisfy(static log => log.Response.End.Should().BeNull());
        world.Gateway.Process.HasExited.Should().BeFalse();

        await clients.DisposeAsync();
        (await world.Gateway.Process.WaitForExitAsync()).Should().Be(0, "nothing is open any more, and the budget need not be used up");
        world.Outcomes()[Held].Should().Equal("Complete", "Complete", "Complete");
        world.Outcomes()[Pods].Should().HaveCount(6).And.OnlyContain(static outcome => string.Equals(outcome, "Stopped", StringComparison.Ordinal));
    }

    [Fact]
    public async Task T99_When_the_budget_is_used_up_everything_is_cut_as_it_understands_it_and_recorded()
    {
        await using var world = await DrainWorld.StartAsync("delay: 0s, budget: 200ms");
        await using var clients = new Clients(world);
        List<(WireProtocol Protocol, RawResponse Response)> logs = [], execs = [], spdys = [];
        List<Task<RawResponse>> held = [];
        foreach (var protocol in WireClient.Protocols)
        {
            logs.Add((protocol, await clients.SendAsync(protocol, DrainWorld.Request(Log))));
            (await logs[^1].Response.ReadLineAsync()).Should().Be("first");
            execs.Add((protocol, await clients.UpgradeAsync(protocol, DrainWorld.Socket(Exec))));
            (await WebSocketFrames.ReadAsync(execs[^1].Response.Duplex))!.Text.Should().Be("first");
            held.Add(clients.SendAsync(protocol, DrainWorld.Request(Held)));
            // A client repeats whatever gets a 503, and the Service may have done it already.
            held.Add(clients.SendAsync(protocol, DrainWorld.Request(HeldProxied, "POST").With("Content-Length", "0")));
            if (protocol is not WireProtocol.Http2Tls)
            {
                spdys.Add((protocol, await clients.SendAsync(protocol, SpdyHandshake.Request("/clusters/kind" + Exec).WithBearer(Testing.Gateways.TestGateway.Token))));
                await spdys[^1].Response.Duplex.ReadExactlyAsync(new byte[5]);
            }
        }

        await world.UntilSeenAsync(Held, held.Count / 2);
        await world.UntilSeenAsync(HeldProxied, held.Count / 2);
        world.Gateway.Process.Signal(PosixSignal.SIGTERM);

        foreach (var (protocol, response) in execs)
        {
            await ShouldBeToldAsync(protocol, response);
        }

        foreach (var (_, response) in logs)
        {
            await ShouldBeCutAsync(response);
        }

        foreach (var (protocol, response) in spdys)
        {
            var reading = async () => await response.Duplex.ReadExactlyAsync(new byte[1]);
            await reading.Should().ThrowAsync<IOException>($"{protocol}: it is reset, and nothing is put into it");
        }

        foreach (var answer in held)
        {
            (await answer).Status.Should().Be(0, "half an answer never looks whole");
        }

        (await world.Gateway.Process.WaitForExitAsync()).Should().Be(0, world.Gateway.Process.Transcript());
        var outcomes = world.Outcomes();
        outcomes[Pods + "/b/exec"].Should().HaveCount(5).And.OnlyContain(static outcome => string.Equals(outcome, "Stopped", StringComparison.Ordinal));
        outcomes[Pods + "/b/log"].Should().HaveCount(3).And.OnlyContain(static outcome => string.Equals(outcome, "Stopped", StringComparison.Ordinal));
        outcomes[Held].Should().HaveCount(3).And.OnlyContain(static outcome => string.Equals(outcome, "Stopped", StringComparison.Ordinal));
    }

    [Fact]
    public async Task T99_A_gateway_with_nothing_open_ends_at_once()
    {
        await using var world = await DrainWorld.StartAsync("delay: 0s, budget: 1h");
        await using var kept = await RawClient.ConnectAsync(world.Port);
        (await (await kept.SendAsync(DrainWorld.Request(Pods))).ReadToEndAsync()).Status.Should().Be(200);

        (await world.Gateway.StopAsync()).Should().Be(0);

        (await kept.WaitForCloseAsync()).Should().Be(ResponseEnd.Complete, "a connection without a request is closed, not reset");
    }

    private static async Task ShouldBeTheLastAsync(RawClient client, RawResponse response)
    {
        await response.ReadToEndAsync();
        response.Status.Should().Be(200);
        response.Header("Connection").Should().Be("close");
        (await client.WaitForCloseAsync()).Should().Be(ResponseEnd.Complete);
    }

    private static async Task ShouldBeToldAsync(WireProtocol protocol, RawResponse response)
    {
        var close = await WebSocketFrames.ReadAsync(response.Duplex);
        close!.Opcode.Should().Be(WebSocketOpcode.Close, $"{protocol}");
        close.CloseCode.Should().Be(1001, $"{protocol}");
        close.CloseReason.Should().Be("The gateway is restarting");
        await WebSocketFrames.WriteAsClientAsync(response.Duplex, WebSocketFrame.OfClose(1001));
        await response.Duplex.DisposeAsync();
    }

    private static async Task ShouldBeCutAsync(RawResponse response)
    {
        await response.ReadToEndAsync();
        response.End.Should().BeOneOf(ResponseEnd.Reset, ResponseEnd.Truncated);
        response.BodyText.Should().Be("first\n", "nothing is put into a body that was forwarded");
    }

    private static async Task<bool> IsClosedAsync(int port)
    {
        try
        {
            await using var client = await RawClient.ConnectAsync(port);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    /// <summary>A connection for each request, until all are left.</summary>
    private sealed class Clients(DrainWorld world) : IAsyncDisposable
    {
        private readonly List<WireClient> _open = [];

        public async Task<RawResponse> SendAsync(WireProtocol protocol, RawRequest request)
        {
            var client = await OpenAsync(protocol);
            return await client.SendAsync(request);
        }

        public async Task<RawResponse> UpgradeAsync(WireProtocol protocol, RawRequest handshake)
        {
            var client = await OpenAsync(protocol);
            return await client.UpgradeAsync(handshake);
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var client in _open)
            {
                await client.DisposeAsync();
            }
        }

        private async Task<WireClient> OpenAsync(WireProtocol protocol)
        {
            var client = await world.ConnectAsync(protocol);
            _open.Add(client);
            return client;
        }
    }
}
