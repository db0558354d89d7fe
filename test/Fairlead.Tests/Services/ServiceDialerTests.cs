using System.Net;
using System.Net.Sockets;
using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Connections;
using Fairlead.Services;
using Fairlead.Testing;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fairlead.Tests.Services;

public sealed class ServiceDialerTests : IDisposable
{
    private static readonly Func<Task<IPAddress[]?>> _noEndpoints = static () => Task.FromResult<IPAddress[]?>([]);
    private const string Name = "db.example.com";
    private static readonly IPAddress _loopback = IPAddress.Loopback;

    // What stands for a public address here: it is listed, so that a test can listen on it.
    private static readonly IPNetwork _public = IPNetwork.Parse("127.0.0.1/32");

    private readonly TcpListener _listener = new(_loopback, 0);
    private readonly List<string> _asked = [];

    public ServiceDialerTests() => _listener.Start();

    [Fact]
    public async Task F36_The_address_that_was_checked_is_dialled()
    {
        using var stream = await Dialer([[_loopback]]).ConnectAsync(new DialTarget.Name(Name, Port), CancellationToken.None);

        await BeAcceptedAsync(stream);
        _asked.Should().Equal(Name);
    }

    [Fact]
    public async Task H84_A_name_that_changes_its_mind_is_asked_once_and_its_first_answer_dialled()
    {
        // Whoever looks it up a second time gets another address of this machine, which is not listed.
        var dialer = Dialer([[_loopback], [IPAddress.Parse("127.0.0.2")]]);

        using (var stream = await dialer.ConnectAsync(new DialTarget.Name(Name, Port), CancellationToken.None))
        {
            await BeAcceptedAsync(stream);
            ((NetworkStream)stream).Socket.RemoteEndPoint.Should().Be(new IPEndPoint(_loopback, Port));
            _asked.Should().HaveCount(1);
        }

        await Refused(dialer, new DialTarget.Name(Name, Port));
        _asked.Should().HaveCount(2, "the next connection looks anew, and what it finds is checked anew");
        _listener.Pending().Should().BeFalse();
    }

    [Fact]
    public async Task H82_A_name_that_leads_to_loopback_is_refused()
    {
        var dialer = new ServiceDialer(new AddressPolicy(new ServiceProxyOptions()), ApiServer("https://192.0.2.7:6443"), Resolver([_loopback]));

        await Refused(dialer, new DialTarget.Name(Name, Port));
        _listener.Pending().Should().BeFalse();
    }

    [Fact]
    public async Task F36_A_name_with_one_good_and_one_bad_address_is_refused()
    {
        await Refused(Dialer([[_loopback, IPAddress.Parse("169.254.169.254")]]), new DialTarget.Name(Name, Port));
        await Refused(Dialer([[IPAddress.Parse("10.0.0.1"), _loopback]]), new DialTarget.Name(Name, Port));
        _listener.Pending().Should().BeFalse();
    }

    [Theory]
    [InlineData("127.0.0.2")]
    [InlineData("169.254.169.254")]
    [InlineData("10.0.0.1")]
    [InlineData("[::1]")]
    [InlineData("::ffff:127.0.0.2")]
    public async Task H82_An_address_in_the_place_of_a_name_is_checked_as_well(string host)
    {
        await Refused(Dialer([]), new DialTarget.Name(host, Port));
        _asked.Should().BeEmpty();
    }

    [Fact]
    public async Task H82_A_listed_name_leads_where_it_leads()
    {
        var options = new ServiceProxyOptions { ExternalNames = ["*.example.com"] };
        var dialer = new ServiceDialer(new AddressPolicy(options), ApiServer("https://192.0.2.7:6443"), Resolver([_loopback]));

        using var stream = await dialer.ConnectAsync(new DialTarget.Name(Name, Port), CancellationToken.None);

        await BeAcceptedAsync(stream);
        await Refused(dialer, new DialTarget.Name("localhost", Port));
    }

    [Fact]
    public async Task F36_An_endpoint_is_checked_when_it_is_dialled()
    {
        using (var stream = await Dialer([]).ConnectAsync(Addresses("127.0.0.1"), CancellationToken.None))
        {
            await BeAcceptedAsync(stream);
        }

        await Refused(Dialer([]), Addresses("127.0.0.1", "127.0.0.2"));
        await Refused(Dialer([]), Addresses("169.254.169.254"));
        _asked.Should().BeEmpty("an endpoint is an address, nothing is looked up");
    }

    [Fact]
    public async Task F36_Another_address_is_tried_where_one_does_not_answer()
    {
        var gone = new TcpListener(_loopback, 0);
        gone.Start();
        var refusing = ((IPEndPoint)gone.LocalEndpoint).Port;
        gone.Stop();
        var target = new DialTarget.Addresses([.. Enumerable.Repeat(new IPEndPoint(_loopback, refusing), 5), new IPEndPoint(_loopback, Port)]);

        using var stream = await Dialer([]).ConnectAsync(target, CancellationToken.None);

        await BeAcceptedAsync(stream);
        var onlyRefusing = async () => await Dialer([]).ConnectAsync(new DialTarget.Addresses([new IPEndPoint(_loopback, refusing)]), CancellationToken.None);
        (await onlyRefusing.Should().ThrowAsync<SocketException>()).Which.SocketErrorCode.Should().Be(SocketError.ConnectionRefused);
    }

    [Fact]
    public async Task F37_A_name_without_an_address_is_no_name()
    {
        var connect = async () => await Dialer([[]]).ConnectAsync(new DialTarget.Name(Name, Port), CancellationToken.None);

        (await connect.Should().ThrowAsync<SocketException>()).Which.SocketErrorCode.Should().Be(SocketError.HostNotFound);
    }

    [Fact]
    public async Task F36_What_is_refused_is_not_named()
    {
        var exception = await Refused(Dialer([[IPAddress.Parse("169.254.169.254")]]), new DialTarget.Name(Name, Port));

        exception.Message.Should().NotContain("169.254").And.NotContain(Name);
    }

    [Fact]
    public async Task F36_Where_the_API_server_is_no_Service_can_be()
    {
        var resolve = Resolver([IPAddress.Parse("1.1.1.1")]);
        var dialer = new ServiceDialer(new AddressPolicy(new ServiceProxyOptions()), ApiServer("https://kube.example.com:6443", resolve), resolve);

        (await dialer.AllowsAsync([IPAddress.Parse("1.1.1.1")], CancellationToken.None)).Should().BeFalse();
        (await dialer.AllowsAsync([IPAddress.Parse("10.0.0.1"), IPAddress.Parse("1.0.0.1")], CancellationToken.None)).Should().BeTrue();
        (await dialer.AllowsAsync([IPAddress.Parse("10.0.0.1"), IPAddress.Parse("127.0.0.1")], CancellationToken.None)).Should().BeFalse();
        await Refused(dialer, new DialTarget.Name(Name, Port));
    }

    [Fact]
    public async Task F36_The_API_servers_name_is_looked_up_again_after_a_minute()
    {
        var time = new FakeTimeProvider();
        var addresses = new ApiServerAddresses(new Uri("https://kube.example.com:6443"), null, _noEndpoints, Resolver([IPAddress.Parse("1.1.1.1")], [IPAddress.Parse("1.0.0.1")]), time);

        (await addresses.GetAsync(CancellationToken.None)).Should().Equal(IPAddress.Parse("1.1.1.1"));
        time.Advance(TimeSpan.FromSeconds(59));
        (await addresses.GetAsync(CancellationToken.None)).Should().Equal(IPAddress.Parse("1.1.1.1"));
        time.Advance(TimeSpan.FromSeconds(1));
        (await addresses.GetAsync(CancellationToken.None)).Should().Equal(IPAddress.Parse("1.0.0.1"));
        _asked.Should().Equal("kube.example.com", "kube.example.com");
    }

    [Theory]
    [InlineData("https://192.0.2.7:6443", "192.0.2.7")]
    [InlineData("https://[2001:db8::7]:6443", "2001:db8::7")]
    public async Task F36_An_API_server_that_is_an_address_is_not_looked_up(string server, string address)
    {
        (await ApiServer(server).GetAsync(CancellationToken.None)).Should().Equal(IPAddress.Parse(address));
        _asked.Should().BeEmpty();
    }

    [Fact]
    public async Task F36_Nothing_is_dialled_while_nobody_knows_where_the_API_server_is()
    {
        NameResolver failing = (host, _) => Task.FromException<IPAddress[]>(new SocketException((int)SocketError.HostNotFound));
        var options = new ServiceProxyOptions { AllowedAddresses = [_public] };
        var dialer = new ServiceDialer(new AddressPolicy(options), ApiServer("https://kube.example.com:6443", failing), Resolver([_loopback]));

        var connect = async () => await dialer.ConnectAsync(Addresses("127.0.0.1"), CancellationToken.None);

        await connect.Should().ThrowAsync<ApiServerUnknownException>();
        _listener.Pending().Should().BeFalse();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task F36_T114_Nothing_is_dialled_while_the_API_servers_endpoints_cannot_be_had(bool hasAccount)
    {
        var addresses = new ApiServerAddresses(new Uri("https://192.0.2.7:6443"), null, hasAccount ? static () => Task.FromResult<IPAddress[]?>(null) : null, Resolver(), TimeProvider.System);
        var dialer = new ServiceDialer(new AddressPolicy(new ServiceProxyOptions { AllowedAddresses = [_public] }), addresses, Resolver([_loopback]));

        var connect = async () => await dialer.ConnectAsync(Addresses("127.0.0.1"), CancellationToken.None);

        await connect.Should().ThrowAsync<ApiServerUnknownException>();
        _listener.Pending().Should().BeFalse();
    }

    [Fact]
    public async Task F36_Endpoints_that_were_known_once_are_known_while_nobody_answers()
    {
        var time = new FakeTimeProvider();
        IPAddress[]? endpoints = [IPAddress.Parse("10.9.9.9")];
        var addresses = new ApiServerAddresses(new Uri("https://192.0.2.7:6443"), null, () => Task.FromResult<IPAddress[]?>(endpoints), Resolver(), time);

        (await addresses.GetAsync(CancellationToken.None)).Should().Equal(IPAddress.Parse("192.0.2.7"), IPAddress.Parse("10.9.9.9"));
        endpoints = null;
        time.Advance(TimeSpan.FromMinutes(1));
        (await addresses.GetAsync(CancellationToken.None)).Should().Equal(IPAddress.Parse("192.0.2.7"), IPAddress.Parse("10.9.9.9"));
    }

    [Fact]
    public void Targets_are_compared_by_where_they_lead()
    {
        Addresses("10.0.0.1", "10.0.0.2").Should().Be(Addresses("10.0.0.1", "10.0.0.2"));
        Addresses("10.0.0.1", "10.0.0.2").GetHashCode().Should().Be(Addresses("10.0.0.1", "10.0.0.2").GetHashCode());
        Addresses("10.0.0.1").Should().NotBe(Addresses("10.0.0.2"));
        new DialTarget.Name("a", 1).Should().NotBe(new DialTarget.Name("a", 2));
    }

    public void Dispose() => _listener.Dispose();

    private int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    private DialTarget.Addresses Addresses(params string[] addresses) => new([.. addresses.Select(address => new IPEndPoint(IPAddress.Parse(address), Port))]);

    /// <summary>Lets 127.0.0.1 pass, and answers one look-up after the other.</summary>
    private ServiceDialer Dialer(IPAddress[][] answers) =>
        new(new AddressPolicy(new ServiceProxyOptions { AllowedAddresses = [_public] }), ApiServer("https://192.0.2.7:6443"), Resolver(answers));

    private ApiServerAddresses ApiServer(string server, NameResolver? resolve = null) => new(new Uri(server), null, _noEndpoints, resolve ?? Resolver(), TimeProvider.System);

    private NameResolver Resolver(params IPAddress[][] answers)
    {
        var count = 0;
        return (host, _) =>
        {
            _asked.Add(host);
            return answers.Length == 0
                ? Task.FromException<IPAddress[]>(new InvalidOperationException($"{host} is looked up"))
                : Task.FromResult(answers[Math.Min(count++, answers.Length - 1)]);
        };
    }

    private static async Task<AddressNotAllowedException> Refused(ServiceDialer dialer, DialTarget target)
    {
        var connect = async () => await dialer.ConnectAsync(target, CancellationToken.None);
        return (await connect.Should().ThrowAsync<AddressNotAllowedException>()).Which;
    }

    private async Task BeAcceptedAsync(Stream stream)
    {
        using var accepted = await _listener.AcceptSocketAsync().WaitAsync(Guard.Limit);
        await stream.WriteAsync("hello"u8.ToArray());
        var buffer = new byte[5];
        (await accepted.ReceiveAsync(buffer).WaitAsync(Guard.Limit)).Should().BePositive();
    }
}
