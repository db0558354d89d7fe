using System.Text;
using AwesomeAssertions;
using Fairlead.Forwarding.Tunnels;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fairlead.Tests.Forwarding.Tunnels;

/// <summary>The gateway's hand on the client's end of an upgraded connection.</summary>
public sealed class ClientTunnelTests
{
    private static readonly byte[] _text = [0x81, 2, (byte)'h', (byte)'i'];

    [Fact]
    public async Task Between_two_frames_the_client_is_told_why()
    {
        using var client = new RecordingStream();
        await using var tunnel = new ClientTunnel(client, isWebSocket: true, new FakeTimeProvider());
        await tunnel.WriteAsync(_text);

        (await tunnel.TryEndAsync("no longer")).Should().BeTrue();

        client.Written.Should().Equal([.. _text, 0x88, 11, 0x03, 0xF0, .. "no longer"u8]);
    }

    [Fact]
    public async Task Within_a_frame_nothing_is_written()
    {
        using var client = new RecordingStream();
        await using var tunnel = new ClientTunnel(client, isWebSocket: true, new FakeTimeProvider());
        await tunnel.WriteAsync(_text.AsMemory(0, 3));

        (await tunnel.TryEndAsync("no longer")).Should().BeFalse();

        client.Written.Should().Equal(_text[..3]);
    }

    [Fact]
    public async Task After_a_Close_frame_of_the_server_nothing_is_written()
    {
        using var client = new RecordingStream();
        await using var tunnel = new ClientTunnel(client, isWebSocket: true, new FakeTimeProvider());
        await tunnel.WriteAsync(new byte[] { 0x88, 0 });

        (await tunnel.TryEndAsync("no longer")).Should().BeFalse();

        client.Written.Should().HaveCount(2);
    }

    [Fact]
    public async Task What_is_no_WebSocket_gets_no_frame()
    {
        using var client = new RecordingStream();
        await using var tunnel = new ClientTunnel(client, isWebSocket: false, new FakeTimeProvider());

        (await tunnel.TryEndAsync("no longer")).Should().BeFalse();

        client.Written.Should().BeEmpty();
    }

    [Fact]
    public async Task T26_No_byte_passes_after_the_end()
    {
        using var client = new RecordingStream();
        await using var tunnel = new ClientTunnel(client, isWebSocket: true, new FakeTimeProvider());
        var reading = tunnel.ReadAsync(new byte[1]).AsTask();
        await tunnel.TryEndAsync("no longer");
        var before = client.Written.Length;

        await FluentActions.Awaiting(() => reading).Should().ThrowAsync<IOException>();
        await FluentActions.Awaiting(async () => await tunnel.WriteAsync(_text)).Should().ThrowAsync<IOException>();
        await FluentActions.Awaiting(async () => await tunnel.ReadAsync(new byte[1])).Should().ThrowAsync<IOException>();

        client.Written.Length.Should().Be(before);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("ß")]
    [InlineData("€")]
    [InlineData("😀")]
    public async Task A_long_reason_is_cut_between_two_characters(string character)
    {
        using var client = new RecordingStream();
        await using var tunnel = new ClientTunnel(client, isWebSocket: true, new FakeTimeProvider());

        await tunnel.TryEndAsync("a" + string.Concat(Enumerable.Repeat(character, 200)));

        var frame = client.Written;
        frame[1].Should().BeLessThanOrEqualTo(125).And.Be((byte)(frame.Length - 2));
        new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(frame.AsSpan(4)).Should().StartWith("a" + character);
        frame.Length.Should().BeGreaterThan(119);
    }

    [Fact]
    public async Task A_client_that_takes_nothing_is_not_waited_for()
    {
        var time = new FakeTimeProvider();
        using var client = new RecordingStream { IsStuck = true };
        await using var tunnel = new ClientTunnel(client, isWebSocket: true, time);

        var ending = tunnel.TryEndAsync("no longer").AsTask();
        ending.IsCompleted.Should().BeFalse();
        time.Advance(TimeSpan.FromSeconds(3));

        (await ending).Should().BeFalse("it has to be reset");
    }

    [Fact]
    public async Task Use_is_what_the_client_sends()
    {
        using var client = new RecordingStream { Next = _text };
        await using var tunnel = new ClientTunnel(client, isWebSocket: true, new FakeTimeProvider());
        await tunnel.WriteAsync(_text);
        tunnel.TakeUse().Should().BeFalse("what the server sends is no use");

        await tunnel.ReadExactlyAsync(new byte[4]);

        tunnel.TakeUse().Should().BeTrue();
        tunnel.TakeUse().Should().BeFalse("it was taken");
    }

    /// <summary>A client: gives what it was told to, then nothing for ever.</summary>
    private sealed class RecordingStream : MemoryStream
    {
        private readonly MemoryStream _written = new();

        public byte[] Written => _written.ToArray();

        public byte[] Next { get; set; } = [];

        public bool IsStuck { get; init; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Next.Length > 0)
            {
                var read = Math.Min(buffer.Length, Next.Length);
                Next.AsSpan(0, read).CopyTo(buffer.Span);
                Next = Next[read..];
                return read;
            }

            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (IsStuck)
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            _written.Write(buffer.Span);
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        protected override void Dispose(bool disposing)
        {
            _written.Dispose();
            base.Dispose(disposing);
        }
    }
}
