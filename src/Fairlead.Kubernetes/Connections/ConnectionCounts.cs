using System.Net.Sockets;

namespace Fairlead.Kubernetes.Connections;

/// <summary>Counts the connections to one upstream, or to many of one kind.</summary>
public sealed class ConnectionCounts
{
    private long _attempts;
    private long _failures;
    private long _open;

    /// <summary>How many are open.</summary>
    public long Open => Interlocked.Read(ref _open);

    /// <summary>How many were tried.</summary>
    public long Attempts => Interlocked.Read(ref _attempts);

    /// <summary>How many of those came to nothing, before TLS.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>Notes one more try.</summary>
    public void Attempt() => Interlocked.Increment(ref _attempts);

    /// <summary>Notes that it came to nothing.</summary>
    public void Fail() => Interlocked.Increment(ref _failures);

    /// <summary>Notes that it is open, until the stream is disposed of.</summary>
    /// <param name="socket">The socket, which is the stream's from now on.</param>
    public NetworkStream Opened(Socket socket) => new CountedStream(socket, this);

    private sealed class CountedStream : NetworkStream
    {
        private ConnectionCounts? _counts;

        public CountedStream(Socket socket, ConnectionCounts counts)
            : base(socket, ownsSocket: true)
        {
            _counts = counts;
            Interlocked.Increment(ref counts._open);
        }

        protected override void Dispose(bool disposing)
        {
            if (Interlocked.Exchange(ref _counts, null) is { } counts)
            {
                Interlocked.Decrement(ref counts._open);
            }

            base.Dispose(disposing);
        }
    }
}
