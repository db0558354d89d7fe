using System.Net;
using AwesomeAssertions;
using Fairlead.Callers;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fairlead.Tests.Callers;

public sealed class FailureBudgetTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly FailureBudget _budget;

    public FailureBudgetTests() => _budget = new FailureBudget(_time);

    [Fact]
    public void T75_One_address_has_so_many_failures_and_then_a_few_a_second()
    {
        Take("192.0.2.1").Should().Be(FailureBudget.PerAddress);
        Take("192.0.2.2").Should().Be(FailureBudget.PerAddress, "another has its own");

        _time.Advance(TimeSpan.FromSeconds(2));

        Take("192.0.2.1").Should().Be(2 * FailureBudget.PerAddressAndSecond);
    }

    [Fact]
    public void T75_All_together_have_a_bound()
    {
        var taken = Enumerable.Range(1, 20).Sum(i => Take($"192.0.2.{i}"));

        taken.Should().Be(FailureBudget.InAll);
    }

    [Fact]
    public void T75_What_turns_out_good_costs_nothing()
    {
        for (var i = 0; i < 10 * FailureBudget.InAll; i++)
        {
            _budget.TryTake(IPAddress.Loopback).Should().BeTrue();
            _budget.GiveBack(IPAddress.Loopback);
        }
    }

    [Fact]
    public void T75_A_network_of_IPv6_is_one_and_an_IPv4_address_in_it_is_itself()
    {
        Take("2001:db8::1").Should().Be(FailureBudget.PerAddress);
        Take("2001:db8::ffff:1").Should().Be(0);
        Take("2001:db8:0:1::1").Should().Be(FailureBudget.PerAddress);
        Take("::ffff:192.0.2.9").Should().Be(FailureBudget.PerAddress);
        Take("192.0.2.9").Should().Be(0);
    }

    [Fact]
    public void T75_Addresses_without_end_leave_the_bound_of_all()
    {
        var taken = 0;
        for (var i = 0; i < 20_000; i++)
        {
            taken += _budget.TryTake(new IPAddress(i + 1L)) ? 1 : 0;
        }

        taken.Should().Be(FailureBudget.InAll);
    }

    private int Take(string address)
    {
        var taken = 0;
        while (_budget.TryTake(IPAddress.Parse(address)))
        {
            taken++;
        }

        return taken;
    }
}
