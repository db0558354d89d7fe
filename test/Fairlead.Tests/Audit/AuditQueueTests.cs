using System.Globalization;
using System.Text;
using AwesomeAssertions;
using Fairlead.Audit;
using Fairlead.Configuration;
using Fairlead.Testing;
using Fairlead.Testing.Gateways;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Fairlead.Tests.Audit;

public sealed class AuditQueueTests
{
    private const int Writers = 4;
    private const int Each = 5000;
    private const int Lost = 503;

    [Fact]
    public async Task Lines_of_any_length_and_of_many_threads_are_written_whole_once_and_in_the_order_of_each_thread()
    {
        var sink = new Memory();
        var queue = new AuditQueue(sink, new AuditOptions { Queue = Writers * Each }, TimeProvider.System, NullLogger<AuditTrail>.Instance);
        var writing = Task.Run(() => queue.WriteAsync(default));

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() =>
        {
            for (var i = 0; i < Each; i++)
            {
                // Some are longer than any batch.
                queue.Add(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{writer} {i} {new string('x', i % 1000 == 999 ? 200_000 : i % 300)}\n")), isReserved: true);
            }
        }))).WaitAsync(Guard.Limit);
        queue.Complete();
        await writing.WaitAsync(Guard.Limit);

        var lines = Encoding.UTF8.GetString(sink.Bytes.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.Split(' ')).ToList();
        lines.Should().HaveCount(Writers * Each).And.OnlyContain(static line => line.Length == 3);
        for (var writer = 0; writer < Writers; writer++)
        {
            var name = writer.ToString(CultureInfo.InvariantCulture);
            lines.Where(line => string.Equals(line[0], name, StringComparison.Ordinal)).Select(static line => int.Parse(line[1], CultureInfo.InvariantCulture))
                .Should().Equal(Enumerable.Range(0, Each));
        }

        queue.Waiting.Should().Be(0);
        queue.Dropped.Should().Be(0);
    }

    [Fact]
    public async Task What_comes_after_the_end_is_not_taken_for_waiting()
    {
        var sink = new Memory();
        var queue = new AuditQueue(sink, new AuditOptions(), TimeProvider.System, NullLogger<AuditTrail>.Instance);
        var writing = Task.Run(() => queue.WriteAsync(default));
        queue.Complete();
        await writing.WaitAsync(Guard.Limit);

        queue.Add("late\n"u8, isReserved: true);

        queue.Waiting.Should().Be(0);
        sink.Bytes.Should().BeEmpty();
    }

    [Fact]
    public async Task What_comes_after_the_end_is_said_to_be_lost_also_where_the_sink_stands_still()
    {
        var log = new LogRecorder();
        using var loggers = new LoggerFactory([log]);
        var sink = new Stuck();
        var queue = new AuditQueue(sink, new AuditOptions(), TimeProvider.System, loggers.CreateLogger<AuditTrail>());
        var writing = Task.Run(() => queue.WriteAsync(default));
        queue.Add("first\n"u8, isReserved: true);
        await sink.Reached.Task.WaitAsync(Guard.Limit);
        queue.Add("second\n"u8, isReserved: true);

        queue.Complete();
        queue.GiveUp();
        queue.Add("late\n"u8, isReserved: true);

        (queue.Waiting, log.Count(Lost)).Should().Be((2, 2), "one line for those that wait, and one for the late one");
        sink.Go.SetResult();
        await writing.WaitAsync(Guard.Limit);
    }

    private sealed class Stuck : IAuditSink
    {
        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Go { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Name => "stuck";

        public async ValueTask AppendAsync(ReadOnlyMemory<byte> lines)
        {
            Reached.TrySetResult();
            await Go.Task;
        }
    }

    private sealed class Memory : IAuditSink
    {
        public List<byte> Bytes { get; } = [];

        public string Name => "memory";

        public ValueTask AppendAsync(ReadOnlyMemory<byte> lines)
        {
            Bytes.AddRange(lines.Span);
            return default;
        }
    }
}
