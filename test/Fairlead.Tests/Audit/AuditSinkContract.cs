using System.Text;
using AwesomeAssertions;
using Fairlead.Audit;
using Xunit;

namespace Fairlead.Tests.Audit;

/// <summary>What holds for every place that records are written to.</summary>
public abstract class AuditSinkContract
{
    private protected abstract IAuditSink Sink { get; }

    /// <summary>From now on it takes no line, or not all of them.</summary>
    protected abstract void Break();

    /// <summary>It takes lines again.</summary>
    protected abstract void Mend();

    /// <summary>Everything that was written.</summary>
    protected abstract Task<string> WrittenAsync();

    [Fact]
    public async Task Lines_are_written_one_behind_the_other()
    {
        await Sink.AppendAsync("one\ntwo\n"u8.ToArray());
        await Sink.AppendAsync("three\n"u8.ToArray());

        (await WrittenAsync()).Should().Be("one\ntwo\nthree\n");
    }

    [Fact]
    public async Task T114_What_could_not_be_written_is_written_whole_and_once_when_it_comes_again()
    {
        await Sink.AppendAsync("before\n"u8.ToArray());
        var batch = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 20_000).Select(static i => $"line {i}\n")));
        Break();
        for (var i = 0; i < 3; i++)
        {
            var append = () => Sink.AppendAsync(batch).AsTask();
            await append.Should().ThrowAsync<Exception>();
        }

        Mend();
        await Until(() => Sink.AppendAsync(batch));
        await Sink.AppendAsync("after\n"u8.ToArray());

        (await WrittenAsync()).Should().Be($"before\n{Encoding.UTF8.GetString(batch)}after\n");
    }

    /// <summary>As the trail does: again and again, the same lines.</summary>
    private static Task Until(Func<ValueTask> append) => Fairlead.Testing.Eventually.BeTrueAsync(
        async () =>
        {
            try
            {
                await append();
                return true;
            }
            catch (IOException)
            {
                return false;
            }
        },
        "the lines are taken");
}
