using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using AwesomeAssertions;
using Fairlead.Clusters.Sources;
using Fairlead.Testing;
using Xunit;

namespace Fairlead.Tests.Clusters.Sources;

/// <summary>Lookups of names that somebody else chose.</summary>
public sealed class PublicHostsTests
{
    private static readonly IPAddress[] _public = [IPAddress.Parse("93.184.215.14")];

    [Fact]
    public async Task Each_name_is_looked_up_once_and_those_that_lead_inside_are_named()
    {
        var asked = new ConcurrentQueue<string>();
        var hosts = new PublicHosts((host, _) =>
        {
            asked.Enqueue(host);
            return host switch
            {
                "gone" => Task.FromException<IPAddress[]>(new SocketException((int)SocketError.HostNotFound)),
                "in" => Task.FromResult(new[] { IPAddress.Loopback }),
                _ => Task.FromResult(_public),
            };
        });

        (await hosts.NotPublicAsync(["out", "in", "gone", "OUT", "in"], CancellationToken.None)).Should().Equal("in");

        asked.Order(StringComparer.Ordinal).Should().Equal("gone", "in", "out");
    }

    [Fact]
    public async Task A_name_server_that_does_not_answer_holds_few_lookups_and_ends_the_wait()
    {
        var (asked, answer) = (0, new TaskCompletionSource<IPAddress[]>(TaskCreationOptions.RunContinuationsAsynchronously));
        var hosts = new PublicHosts(
            (_, _) =>
            {
                Interlocked.Increment(ref asked);
                return answer.Task;
            },
            TimeSpan.FromMilliseconds(100));
        var names = Enumerable.Range(0, 50).Select(static i => $"h{i}").ToArray();

        for (var i = 0; i < 2; i++)
        {
            (await hosts.NotPublicAsync(names, CancellationToken.None).WaitAsync(Guard.Limit)).Should().BeEmpty();
        }

        asked.Should().Be(4, "a lookup has its turn until it really ends");
        answer.SetResult(_public);
        await Eventually.BeTrueAsync(
            async () =>
            {
                await hosts.NotPublicAsync(["one-more"], CancellationToken.None);
                return asked > 4;
            },
            "a turn to be free again");
    }
}
