using System.Reflection;
using AwesomeAssertions;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Fairlead.Tests;

/// <summary>Events of the log, which operators look for by their number.</summary>
public sealed class EventIdTests
{
    [Fact]
    public void No_two_events_have_the_same_number()
    {
        var events = typeof(Gateway).Assembly.GetTypes()
            .SelectMany(static type => type.GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly))
            .Select(static method => method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId)
            .OfType<int>()
            .ToArray();

        events.Should().NotBeEmpty().And.OnlyHaveUniqueItems();
    }
}
