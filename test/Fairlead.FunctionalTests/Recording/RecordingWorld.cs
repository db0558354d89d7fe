using System.Text.Json;
using Fairlead.Configuration;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upgrades;
using Fairlead.Testing.Upstreams;

namespace Fairlead.FunctionalTests.Recording;

/// <summary>
/// A gateway that records, in front of a scripted cluster <c>kind</c> whose sessions say <c>hello</c> in pieces, repeat what is typed, complain once, and end with a status when <c>exit</c> is
/// typed.
/// </summary>
internal sealed class RecordingWorld : IAsyncDisposable
{
    public const string Exec = "/api/v1/namespaces/team/pods/web/exec?container=main&command=sh&command=SENTINEL&stdin=true&tty=true";

    private readonly TempFolder _folder;

    private RecordingWorld(TempFolder folder, RawUpstream upstream, TestGateway gateway)
    {
        _folder = folder;
        Upstream = upstream;
        Gateway = gateway;
    }

    public RawUpstream Upstream { get; }

    public TestGateway Gateway { get; }

    public string AuditFile => _folder.PathOf("audit.log");

    /// <summary>The recordings, in the order of their beginnings.</summary>
    public string[] Files => FilesIn(_folder.PathOf("recordings"));

    public static async Task<RecordingWorld> StartAsync(Func<RecordingOptions, RecordingOptions>? change = null, string? protocol = "v5.channel.k8s.io", string? extensions = null)
    {
        var folder = new TempFolder();
        var upstream = new RawUpstream();
        var options = new RecordingOptions { Folder = folder.PathOf("recordings") };
        var world = new RecordingWorld(folder, upstream, await TestGateway.StartAsync(TestGateway.Options(TestCluster.Held("kind", upstream.Url)) with
        {
            Audit = new AuditOptions { File = folder.PathOf("audit.log") },
            Recording = change is null ? options : change(options),
        }));
        upstream.OnConnection(connection => SessionAsync(connection, protocol, extensions));
        return world;
    }

    /// <summary>Connects on that protocol.</summary>
    public Task<WireClient> ConnectAsync(WireProtocol protocol) => WireClient.ConnectAsync(protocol, protocol is WireProtocol.Http11 ? Gateway.Port : Gateway.TlsPort);

    /// <summary>A session in which somebody says how large their terminal is, types <c>typed</c> and then <c>exit</c>, with pings between.</summary>
    /// <param name="response">The upgraded connection.</param>
    /// <param name="isBase64">Whether messages are base64.</param>
    /// <param name="isWhole">Whether each message is one frame.</param>
    /// <returns>All that the client has got, as the bytes of frames.</returns>
    public static async Task<List<WebSocketFrame>> TalkAsync(RawResponse response, bool isBase64, bool isWhole = false)
    {
        var got = new List<WebSocketFrame>();
        await SendAsync(response.Duplex, isBase64, isWhole, 4, """{"Width":120,"Height":40}""");
        await SendAsync(response.Duplex, isBase64, isWhole, 0, "typed");
        await SendAsync(response.Duplex, isBase64, isWhole, 4, """{"Width":100,"Height":30}""");
        await SendAsync(response.Duplex, isBase64, isWhole, 0, "exit");
        while (await WebSocketFrames.ReadAsync(response.Duplex) is { } frame)
        {
            got.Add(frame);
            if (frame.Opcode is WebSocketOpcode.Close)
            {
                await WebSocketFrames.WriteAsClientAsync(response.Duplex, WebSocketFrame.OfClose());
            }
        }

        return got;
    }

    /// <summary>The lines of a recording.</summary>
    public static IReadOnlyList<JsonElement> Lines(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        return [.. AuditEvents.Parse(reader.ReadToEnd())];
    }

    /// <summary>What a recording has of one kind, put together.</summary>
    public static string TextOf(string file, string code) =>
        string.Concat(Lines(file).Skip(1).Where(line => string.Equals(line[1].GetString(), code, StringComparison.Ordinal)).Select(static line => line[2].GetString()));

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Upstream.DisposeAsync();
        _folder.Dispose();
    }

    private static string[] FilesIn(string folder) => Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*.cast", SearchOption.AllDirectories).Order(StringComparer.Ordinal)] : [];

    /// <summary>Sends a message, whole or in two fragments, with a ping before its end.</summary>
    private static async Task SendAsync(Stream stream, bool isBase64, bool isWhole, int channel, string text)
    {
        var message = MessageOf(isBase64, channel, System.Text.Encoding.UTF8.GetBytes(text));
        var opcode = isBase64 ? WebSocketOpcode.Text : WebSocketOpcode.Binary;
        if (!isWhole)
        {
            await WebSocketFrames.WriteAsClientAsync(stream, new WebSocketFrame(opcode, message[..2], Final: false));
        }

        await WebSocketFrames.WriteAsClientAsync(stream, new WebSocketFrame(WebSocketOpcode.Ping, [1]));
        await WebSocketFrames.WriteAsClientAsync(stream, isWhole ? new WebSocketFrame(opcode, message, Final: true) : new WebSocketFrame(WebSocketOpcode.Continuation, message[2..], Final: true));
    }

    private static byte[] MessageOf(bool isBase64, int channel, byte[] data) =>
        isBase64 ? [(byte)('0' + channel), .. System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(data))] : [(byte)channel, .. data];

    private static async Task SessionAsync(RawUpstreamConnection connection, string? protocol, string? extensions)
    {
        if (await connection.ReadForwardedAsync() is not { } handshake)
        {
            return;
        }

        var isBase64 = protocol?.Contains("base64", StringComparison.Ordinal) == true;
        var accept = WebSocketHandshake.Accept(handshake, protocol);
        await connection.WriteAsync(extensions is null ? accept : accept[..^2] + $"Sec-WebSocket-Extensions: {extensions}\r\n\r\n");
        var opcode = isBase64 ? WebSocketOpcode.Text : WebSocketOpcode.Binary;
        async Task SayAsync(int channel, byte[] data)
        {
            // A character may be cut in two by two messages, and a message by fragments.
            foreach (var part in (byte[][])[data[..(data.Length / 2)], data[(data.Length / 2)..]])
            {
                var message = MessageOf(isBase64, channel, part);
                await WebSocketFrames.WriteAsServerAsync(connection.Duplex, new WebSocketFrame(opcode, message[..1], Final: false));
                await WebSocketFrames.WriteAsServerAsync(connection.Duplex, new WebSocketFrame(WebSocketOpcode.Ping, []));
                await WebSocketFrames.WriteAsServerAsync(connection.Duplex, new WebSocketFrame(WebSocketOpcode.Continuation, message[1..], Final: true));
            }
        }

        await SayAsync(1, "hellö"u8.ToArray());
        await SayAsync(2, "oops!"u8.ToArray());
        var typed = new List<byte>();
        while (await WebSocketFrames.ReadAsync(connection.Duplex) is { } frame)
        {
            if (frame.Opcode is WebSocketOpcode.Close)
            {
                break;
            }

            if (frame.Opcode is WebSocketOpcode.Ping)
            {
                continue;
            }

            typed.AddRange(frame.Payload);
            if (!frame.Final)
            {
                continue;
            }

            var (channel, data) = isBase64
                ? (typed[0] - '0', Convert.FromBase64String(System.Text.Encoding.ASCII.GetString([.. typed.Skip(1)])))
                : (typed[0], (byte[])[.. typed.Skip(1)]);
            typed.Clear();
            if (channel == 0)
            {
                await SayAsync(1, [.. "<"u8, .. data, .. ">"u8]);
            }

            if (channel == 0 && data.AsSpan().SequenceEqual("exit"u8))
            {
                await SayAsync(3, """{"status":"Success"}"""u8.ToArray());
                await WebSocketFrames.WriteAsServerAsync(connection.Duplex, WebSocketFrame.OfClose());
                await WebSocketFrames.ReadAsync(connection.Duplex);
                break;
            }
        }

        await connection.CloseAsync();
        await connection.PeerClosed;
    }
}
