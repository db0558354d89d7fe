using AwesomeAssertions;
using Fairlead.Callers;
using Xunit;

namespace Fairlead.Tests.Callers;

/// <summary>The unit cases of the shipped server's token parsing, with the statuses of F17 and decision 11.</summary>
public sealed class ServiceDoorTokenTests
{
    [Theory]
    [InlineData("Bearer U")]
    [InlineData("bearer U")]
    [InlineData("BEARER   U")]
    [InlineData("  Bearer U  ")]
    [InlineData("U")]
    [InlineData("Basic YW5uOlU=")]
    [InlineData("basic OlU=")]
    public void H101_S6_The_token_is_found(string value)
    {
        ServiceDoorToken.Of(value, out var refusal).Should().Be("U");
        refusal.Should().BeNull();
    }

    [Theory]
    [InlineData("Bearer", RefusalReason.IllegalToken)]
    [InlineData("Bearer ", RefusalReason.IllegalToken)]
    [InlineData("bearer x y", RefusalReason.InvalidRequest)]
    [InlineData("Bearer a,b", RefusalReason.InvalidRequest)]
    [InlineData("Bearer a, Bearer b", RefusalReason.InvalidRequest)]
    [InlineData("Digest x", RefusalReason.InvalidRequest)]
    [InlineData("Basic x", RefusalReason.InvalidRequest)]
    [InlineData("Basic YW5u", RefusalReason.InvalidRequest)]
    [InlineData("Basic YW5uOg==", RefusalReason.InvalidRequest)]
    [InlineData("", RefusalReason.InvalidRequest)]
    internal void H101_S6_T07_Anything_else_is_refused(string value, RefusalReason reason)
    {
        ServiceDoorToken.Of(value, out var refusal).Should().BeNull();
        refusal!.Reason.Should().Be(reason);
    }
}
