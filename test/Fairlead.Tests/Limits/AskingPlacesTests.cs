using System.Net;
using AwesomeAssertions;
using Fairlead.Limits;
using Xunit;

namespace Fairlead.Tests.Limits;

public sealed class AskingPlacesTests
{
    private readonly AskingPlaces _places = new(new ScopedLimit(PerCaller: 1, PerCluster: 2, PerService: 1, All: 3));
    private readonly (IPAddress One, IPAddress Two) _addresses = (IPAddress.Parse("192.0.2.1"), IPAddress.Parse("192.0.2.2"));

    [Fact]
    public async Task Requests_of_one_address_wait_as_many_as_one_cluster_may_have_and_leave_room_for_others()
    {
        var hanging = new TaskCompletionSource<int>();
        var waiting = new List<Task<int>>();
        for (var i = 0; i < 2; i++)
        {
            _places.IsFull(_addresses.One).Should().BeFalse();
            waiting.Add(_places.WaitAsync(new ValueTask<int>(hanging.Task), _addresses.One).AsTask());
        }

        _places.IsFull(_addresses.One).Should().BeTrue();
        _places.IsFull(_addresses.Two).Should().BeFalse();
        waiting.Add(_places.WaitAsync(new ValueTask<int>(hanging.Task), _addresses.Two).AsTask());
        _places.IsFull(_addresses.Two).Should().BeTrue("there is an end in all");

        hanging.SetResult(5);
        (await Task.WhenAll(waiting)).Should().Equal(5, 5, 5);
        _places.IsFull(_addresses.One).Should().BeFalse();
    }

    [Fact]
    public async Task Who_fails_or_leaves_waits_no_longer()
    {
        for (var i = 0; i < 10; i++)
        {
            var failing = () => _places.WaitAsync(ValueTask.FromException<int>(new OperationCanceledException()), _addresses.One).AsTask();
            await failing.Should().ThrowAsync<OperationCanceledException>();
        }

        _places.IsFull(_addresses.One).Should().BeFalse();
    }
}
