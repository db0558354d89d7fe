using AwesomeAssertions;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Http2;
using Fairlead.Testing.Upstreams;
using Fairlead.Testing.Wire;
using Xunit;

namespace Fairlead.HostileTests.Paths;

/// <summary>Forms of the target but origin form, and authorities that lie: routing does not move.</summary>
public sealed class TargetFormTests
{
    [Fact]
    public async Task T42_T101_The_absolute_form_is_refused_whatever_it_names()
    {
        await using var evil = new RawUpstream();
        await using var world = await HostileWorld.StartAsync();
        foreach (var way in HostileWays.All)
        {
            foreach (var authority in (string[])[HostileWorld.Host, "127.0.0.1", $"127.0.0.1:{evil.Port}", "evil.example", $"user@{HostileWorld.Host}", ""])
            {
                foreach (var scheme in (string[])["http", "https", "HTTP", "ftp", "ws"])
                {
                    var request = world.Request(way, RawRequest.Get("/x%2Fy"));
                    request = request with { Target = $"{scheme}://{authority}{request.Target}" };
                    var mark = world.Mark();

                    var response = await world.ExchangeAsync(way, request);
                    var itself = await world.ExchangeAsync(way, WithHost(request, authority));

                    // A name that is none of the gateway's is 421 (decision 10), and what is malformed has no answer but a stream error on HTTP/2.
                    response.Status.Should().BeOneOf(way.IsHttp2 ? [0, 400] : [400], $"{way}: {request.Target}");
                    itself.Status.Should().BeOneOf(way.IsHttp2 ? [0, 400, 421] : [400, 421], $"{way}: {request.Target}");
                    world.SentSince(mark).Should().BeEmpty($"{way}: {request.Target}");
                }
            }
        }

        evil.ConnectionCount.Should().Be(0);
        world.Cluster.Requests.Should().NotContain(static request => request.Target.Contains("%2F", StringComparison.Ordinal));
    }

    [Fact]
    public async Task T42_A_malformed_authority_is_refused()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var way in HostileWays.All)
        {
            foreach (var host in (string[])
            [
                "user@" + HostileWorld.Host, "user:pw@" + HostileWorld.Host, HostileWorld.Host + ":port", HostileWorld.Host + ":65536", HostileWorld.Host + ":-1", HostileWorld.Host + ":443:443",
                "fairlead example.com", HostileWorld.Host + "/x", HostileWorld.Host + "?", HostileWorld.Host + "#", $"{HostileWorld.Host},evil.example", "[::1", "[::1]:99999999999",
            ])
            {
                var mark = world.Mark();

                var response = await world.ExchangeAsync(way, WithHost(world.Request(way, RawRequest.Get("/x")), host));

                response.Status.Should().BeOneOf(way.IsHttp2 ? [0, 400] : [400], $"{way}: {host}");
                world.SentSince(mark).Should().BeEmpty($"{way}: {host}");
            }
        }
    }

    [Fact]
    public async Task T42_Two_Hosts_and_none_are_refused()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var way in HostileWays.Http11)
        {
            var mark = world.Mark();
            var request = WithHost(world.Request(way, RawRequest.Get("/x")), HostileWorld.Host);
            (await world.ExchangeAsync(way, request.With("Host", HostileWorld.Host))).Status.Should().Be(400, $"{way}: twice the same");
            (await world.ExchangeAsync(way, request.With("Host", "evil.example"))).Status.Should().Be(400, $"{way}: two");
            await using var client = await RawClient.ConnectAsync(world.Port(way.Protocol), way.Protocol is WireProtocol.Http11Tls ? new RawTls() : null);
            var without = System.Text.Encoding.Latin1.GetString(request.ToHttp11()).Replace($"Host: {HostileWorld.Host}\r\n", "", StringComparison.Ordinal);
            await client.WriteAsync(without);
            (await client.ReadResponseAsync()).Status.Should().Be(400, $"{way}: none");
            world.SentSince(mark).Should().BeEmpty(way.ToString());
        }
    }

    /// <summary>The authority of the target and <c>Host</c> disagree; on HTTP/2 <c>:authority</c> and a <c>host</c> field.</summary>
    [Fact]
    public async Task T42_An_authority_that_differs_from_Host_moves_nothing()
    {
        await using var evil = new RawUpstream();
        await using var world = await HostileWorld.StartAsync();
        foreach (var way in HostileWays.All)
        {
            foreach (var other in (string[])[$"127.0.0.1:{evil.Port}", "evil.example"])
            {
                var mark = world.Mark();
                var request = WithHost(world.Request(way, RawRequest.Get("/x")), HostileWorld.Host);
                if (!way.IsHttp2)
                {
                    var absolute = request with { Target = $"http://{other}{request.Target}" };
                    (await world.ExchangeAsync(way, absolute)).Status.Should().Be(400, $"{way}: {other}");
                    world.SentSince(mark).Should().BeEmpty($"{way}: {other}");
                    continue;
                }

                await using var client = await RawHttp2Client.ConnectAsync(world.Port(way.Protocol), new RawTls());
                var fields = Http2Fields.Of(request, "https").ToList();
                fields.Insert(4, new HeaderLine("host", other));
                var response = await (await client.OpenAsync(fields, endStream: true)).ReadResponseAsync();

                response.Status.Should().BeOneOf([0, 200, 400], $"{way}: {other}");
                foreach (var seen in world.SentSince(mark))
                {
                    seen.Target.Should().Be("/x", $"{way}: {other}");
                    seen.HeadBytes.AsSpan().IndexOf(System.Text.Encoding.Latin1.GetBytes(other)).Should().Be(-1, $"{way}: {other}");
                }
            }
        }

        evil.ConnectionCount.Should().Be(0);
    }

    [Fact]
    public async Task T42_Asterisk_authority_and_relative_forms_are_refused()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var way in HostileWays.All)
        {
            var prefix = HostileWorld.Prefix(way.Door);
            foreach (var (method, target) in ((string, string)[])
            [
                ("OPTIONS", "*"), ("GET", "*"), ("GET", prefix[1..] + "/x"), ("GET", "127.0.0.1:80"), ("GET", ""), ("GET", "?" + prefix), ("GET", "\\" + prefix[1..]),
            ])
            {
                var mark = world.Mark();

                var response = await world.ExchangeAsync(way, world.Request(way, new RawRequest(method, "")) with { Target = target });

                response.Status.Should().BeOneOf(way.IsHttp2 ? [0, 400, 405] : [400, 405], $"{way}: {method} {target}");
                world.SentSince(mark).Should().BeEmpty($"{way}: {method} {target}");
            }
        }
    }

    [Fact]
    public async Task T42_CONNECT_leads_nowhere_in_any_form()
    {
        await using var world = await HostileWorld.StartAsync();
        foreach (var way in HostileWays.All)
        {
            var mark = world.Mark();
            if (!way.IsHttp2)
            {
                foreach (var target in (string[])["127.0.0.1:80", world.Upstream.Url["http://".Length..], HostileWorld.Prefix(way.Door) + "/x", "*"])
                {
                    var response = await world.ExchangeAsync(way, world.Request(way, new RawRequest("CONNECT", "")) with { Target = target });
                    response.Status.Should().BeOneOf([400, 405], $"{way}: {target}");
                }
            }
            else
            {
                await using var client = await RawHttp2Client.ConnectAsync(world.Port(way.Protocol), new RawTls());
                var connect = world.Request(way, new RawRequest("CONNECT", "/x") { KeepSending = true });
                foreach (var protocol in (string?[])[null, "connect-udp", "connect-ip", "webtransport", "h2c"])
                {
                    var response = await client.SendAsync(connect with { Protocol = protocol });

                    // Without :path it could be for any door, so it gets the shape of the first.
                    response.Status.Should().Be(405, $"{way}: {protocol}");
                    response.Header("Allow").Should().Be("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS", $"{way}: {protocol}");
                }

                // What an upgrade would be on HTTP/1.1 is no CONNECT without :protocol, with a path or another scheme.
                var websocket = Http2Fields.Of(connect with { Protocol = "websocket" }, "https").ToList();
                foreach (var name in (string[])[":path", ":scheme"])
                {
                    var response = await (await client.OpenAsync([.. websocket.Where(field => !string.Equals(field.Name, name, StringComparison.Ordinal))], endStream: false)).ReadHeadAsync();
                    response.Status.Should().BeOneOf([0, 400, 405], $"{way}: without {name}");
                }
            }

            world.SentSince(mark).Should().BeEmpty(way.ToString());
        }
    }

    private static RawRequest WithHost(RawRequest request, string host) =>
        request with { Headers = [new HeaderLine("Host", host), .. request.Headers.Where(static line => line.Name is not "Host")] };
}
