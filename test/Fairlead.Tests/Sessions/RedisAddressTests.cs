using AwesomeAssertions;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Sessions;
using Xunit;

namespace Fairlead.Tests.Sessions;

public sealed class RedisAddressTests
{
    [Fact]
    public void An_address_is_read()
    {
        Read("redis://redis").Should().Be(new RedisAddress { Host = "redis" });
        Read("redis://redis:6380/3").Should().Be(new RedisAddress { Host = "redis", Port = 6380, Database = 3 });
        Read("redis://:p%40ss@redis/").Should().Be(new RedisAddress { Host = "redis", Password = new Secret("p@ss") });
        Read("rediss://jane:pass:word@redis.example.com", "/ca.crt").Should().Be(
            new RedisAddress { Host = "redis.example.com", UseTls = true, User = "jane", Password = new Secret("pass:word"), CaFile = "/ca.crt" });
        Read("redis://[::1]:7000").Should().Be(new RedisAddress { Host = "::1", Port = 7000 });
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("redis", null)]
    [InlineData("redis:6379", null)]
    [InlineData("http://:SENTINEL@redis", null)]
    [InlineData("redis://", null)]
    [InlineData("redis://SENTINEL@redis", null)]
    [InlineData("redis://:SENTINEL@redis/name", null)]
    [InlineData("redis://:SENTINEL@redis/1/2", null)]
    [InlineData("redis://:SENTINEL@redis/-1", null)]
    [InlineData("redis://:SENTINEL@redis:0", null)]
    [InlineData("redis://:SENTINEL@redis:70000", null)]
    [InlineData("redis://:SENTINEL@redis?ssl=true", null)]
    [InlineData("redis://:SENTINEL@redis", "/ca.crt")]
    public void What_is_no_address_is_a_problem_that_does_not_repeat_it(string url, string? caFile)
    {
        RedisAddress.TryRead(url, caFile, out _, out var problem).Should().BeFalse();

        problem.Should().NotBeNullOrEmpty().And.NotContain("SENTINEL");
    }

    [Fact]
    public void It_prints_the_host_and_the_port_only() => Read("rediss://jane:SENTINEL@redis:1/2").ToString().Should().Be("redis:1");

    private static RedisAddress Read(string url, string? caFile = null)
    {
        RedisAddress.TryRead(url, caFile, out var address, out var problem).Should().BeTrue(problem);
        return address!;
    }
}
