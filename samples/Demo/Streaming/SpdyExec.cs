using Microsoft.AspNetCore.Http.Features;

namespace Fairlead.Demo.Streaming;

/// <summary>exec over SPDY/3.1: a stream each for errors, input, output and standard error, told apart by the header <c>streamType</c>.</summary>
internal sealed class SpdyExec : IPodConsole
{
    private static readonly string[] _versions = ["v5.channel.k8s.io", "v4.channel.k8s.io", "v3.channel.k8s.io", "v2.channel.k8s.io", "channel.k8s.io"];
    private readonly SpdyConnection _connection;
    private readonly Dictionary<string, SpdyStream> _streams;
    private ReadOnlyMemory<byte> _rest;

    private SpdyExec(SpdyConnection connection, Dictionary<string, SpdyStream> streams)
    {
        _connection = connection;
        _streams = streams;
    }

    /// <summary>Switches protocols and runs the command.</summary>
    /// <param name="http">The request.</param>
    /// <param name="command">The command.</param>
    /// <param name="expected">How many streams the client is going to open, the error stream included.</param>
    public static async Task RunAsync(HttpContext http, IReadOnlyList<string> command, int expected)
    {
        var offered = http.Request.Headers["X-Stream-Protocol-Version"].SelectMany(static line => line!.Split(',', StringSplitOptions.TrimEntries)).ToArray();
        http.Response.Headers["X-Stream-Protocol-Version"] = _versions.FirstOrDefault(version => offered.Contains(version, StringComparer.Ordinal)) ?? "channel.k8s.io";
        http.Response.Headers.Upgrade = "SPDY/3.1";
        http.Response.Headers.Connection = "Upgrade";
        await using var stream = await http.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        using var connection = new SpdyConnection(stream);
        var reading = ReadUntilEndAsync(connection, end);
        try
        {
            var streams = new Dictionary<string, SpdyStream>(StringComparer.OrdinalIgnoreCase);
            while (streams.Count < expected)
            {
                var opened = await connection.Opened.ReadAsync(end.Token);
                streams[opened.Headers.GetValueOrDefault("streamtype", "")] = opened;
            }

            var exec = new SpdyExec(connection, streams);
            var exitCode = await PodProcess.RunAsync(command, exec, end.Token);
            await exec.FinishAsync(exitCode, end.Token);
            await reading;
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or System.Threading.Channels.ChannelClosedException)
        {
            // The client has gone: there is nobody to tell.
            await end.CancelAsync();
            await reading;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (!_streams.TryGetValue("stdin", out var stdin))
        {
            return 0;
        }

        if (_rest.IsEmpty)
        {
            if (!await stdin.Input.Reader.WaitToReadAsync(cancellationToken) || !stdin.Input.Reader.TryRead(out var next))
            {
                return 0;
            }

            _rest = next;
        }

        var count = Math.Min(buffer.Length, _rest.Length);
        _rest[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }

    /// <inheritdoc/>
    public Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => SendAsync("stdout", bytes, last: false, cancellationToken);

    /// <inheritdoc/>
    public Task WriteErrorAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        SendAsync(_streams.ContainsKey("stderr") ? "stderr" : "stdout", bytes, last: false, cancellationToken);

    private async Task FinishAsync(int exitCode, CancellationToken cancellationToken)
    {
        await SendAsync("stdout", default, last: true, cancellationToken);
        await SendAsync("stderr", default, last: true, cancellationToken);
        await SendAsync("error", ExitStatus.Of(exitCode), last: true, cancellationToken);
        await SendAsync("stdin", default, last: true, cancellationToken);
    }

    private Task SendAsync(string type, ReadOnlyMemory<byte> bytes, bool last, CancellationToken cancellationToken) =>
        _streams.TryGetValue(type, out var target) ? _connection.SendAsync(target.Id, bytes, last, cancellationToken) : Task.CompletedTask;

    private static async Task ReadUntilEndAsync(SpdyConnection connection, CancellationTokenSource end)
    {
        try
        {
            await connection.ReadAsync(end.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // A client that has what it wants resets the connection as often as it closes it.
        }
        finally
        {
            await end.CancelAsync();
        }
    }
}
