using AwesomeAssertions;
using Fairlead.Access;
using Fairlead.Callers;
using Fairlead.Configuration;
using Fairlead.FirstRun;
using Xunit;

namespace Fairlead.Tests.FirstRun;

public sealed class FirstRunSetupTests
{
    [Theory]
    [InlineData("http://127.0.0.1:8080", true)]
    [InlineData("http://127.8.9.1:8080", true)]
    [InlineData("http://[::1]:8080", true)]
    [InlineData("http://localhost:8080", true)]
    [InlineData("http://0.0.0.0:8080", false)]
    [InlineData("http://[::]:8080", false)]
    [InlineData("http://10.0.0.1:8080", false)]
    [InlineData("http://127.0.0.1:8080 http://0.0.0.0:8081", false)]
    public void Decision9_A_token_is_made_on_loopback_only(string listen, bool applies)
    {
        var options = new GatewayOptions { Listen = [.. listen.Split(' ').Select(static url => new Uri(url))] };

        FirstRunSetup.Applies(options).Should().Be(applies);
        FirstRunSetup.Applies(options with { Auth = new AuthOptions() }).Should().BeFalse();
    }

    [Fact]
    public void Decision9_Its_holder_may_do_everything_and_nobody_else_anything()
    {
        var setup = new FirstRunSetup();

        var options = setup.Apply(new GatewayOptions());

        var directory = new CallerDirectory(options.Auth);
        var holder = directory.Find(setup.Token.Reveal())!;
        new AccessPolicy(options.AccessRules).Allowing((Caller.Portal)holder.Caller, Make.Held("kind").Definition, Make.Action("DELETE", "/api/v1/nodes/n")).Should().NotBeNull();
        directory.Find(new FirstRunSetup().Token.Reveal()).Should().BeNull();
    }

    [Fact]
    public void Decision7_https_is_opened_beside_the_default_listener_only()
    {
        var setup = new FirstRunSetup();

        setup.Apply(new GatewayOptions()).Listen.Should().Equal(new Uri("http://127.0.0.1:8080"), new Uri("https://127.0.0.1:8443"));
        setup.Apply(new GatewayOptions { Listen = [new Uri("http://127.0.0.1:9000")] }).Listen.Should().Equal(new Uri("http://127.0.0.1:9000"));
    }
}
