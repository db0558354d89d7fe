using System.Net;
using System.Net.Sockets;
using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Services;
using Xunit;

namespace Fairlead.Tests.Services;

/// <summary>The address that was checked is the address that is dialled.</summary>
public sealed class ServiceDialerTests
{
    private static readonly Uri _server = new("https://192.0.2.1:6443");

    [Fact]
    public async Task H84_A_name_that_changes_its_mind_is_dialled_where_it_was_checked()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var answers = new Queue<IPAddress>([IPAddress.Parse("127.0.0.1"), IPAddress.Parse("127.0.0.2")]);
        var asked = 0;
        var dialer = Dialer((_, _) => Task.FromResult<IPAddress[]>([answers.ElementAt(Math.Min(asked++, 1))]), allowed: "127.0.0.1/32");

        await using (await dialer.ConnectAsync(new DialTarget.Name("api.example.com", port), CancellationToken.None))
        {
            using var accepted = await listener.AcceptTcpClientAsync();
            ((IPEndPoint)accepted.Client.LocalEndPoint!).Address.Should().Be(IPAddress.Loopback);
        }

        asked.Should().Be(1, "a name is resolved once for a connection");
        await FluentActions.Awaiting(() => dialer.ConnectAsync(new DialTarget.Name("api.example.com", port), CancellationToken.None).AsTask())
            .Should().ThrowAsync<AddressNotAllowedException>("the second answer is checked as well");
    }

    [Fact]
    public async Task H82_A_name_with_one_bad_address_among_good_ones_is_refused()
    {
        var dialer = Dialer((_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("8.8.8.8"), IPAddress.Parse("10.0.0.1")]));

        await FluentActions.Awaiting(() => dialer.ConnectAsync(new DialTarget.Name("api.example.com", 80), CancellationToken.None).AsTask())
            .Should().ThrowAsync<AddressNotAllowedException>();
    }

    [Fact]
    public async Task H82_One_bad_endpoint_refuses_them_all()
    {
        var dialer = Dialer((_, _) => throw new InvalidOperationException("nothing is resolved"));
        var endPoints = new DialTarget.Addresses([new IPEndPoint(IPAddress.Parse("10.1.2.3"), 80), new IPEndPoint(IPAddress.Parse("169.254.169.254"), 80)]);

        await FluentActions.Awaiting(() => dialer.ConnectAsync(endPoints, CancellationToken.None).AsTask()).Should().ThrowAsync<AddressNotAllowedException>();
    }

    [Fact]
    public async Task The_next_endpoint_is_tried_when_one_refuses()
    {
        using var listener = new TcpListener(IPAddress.Parse("127.0.0.3"), 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var dialer = Dialer((_, _) => throw new InvalidOperationException("nothing is resolved"), allowed: "127.0.0.0/8");
        var endPoints = new DialTarget.Addresses([.. Enumerable.Range(4, 5).Append(3).Select(last => new IPEndPoint(IPAddress.Parse($"127.0.0.{last}"), port))]);

        await using var stream = await dialer.ConnectAsync(endPoints, CancellationToken.None);

        stream.CanWrite.Should().BeTrue();
    }

    private static ServiceDialer Dialer(NameResolver resolve, string? allowed = null)
    {
        var options = new ServiceProxyOptions { AllowedAddresses = allowed is null ? [] : [IPNetwork.Parse(allowed)] };
        return new ServiceDialer(new AddressPolicy(options), new ApiServerAddresses(_server, null, null, resolve, TimeProvider.System), resolve);
    }
}
