using System.Text;
using AwesomeAssertions;
using CsCheck;
using Fairlead.Callers;
using Xunit;

namespace Fairlead.Tests.Callers;

public sealed class ServiceDoorTokenTests
{
    [Theory]
    [InlineData("Bearer U", "U")]
    [InlineData("bearer U", "U")]
    [InlineData("BEARER U", "U")]
    [InlineData("  Bearer U", "U")]
    [InlineData("Bearer    U", "U")]
    [InlineData("  bearer   U  ", "U")]
    [InlineData("U", "U")]
    [InlineData("  U ", "U")]
    [InlineData("Bearer eyJhbGciOi.J9-_.sig==", "eyJhbGciOi.J9-_.sig==")]
    [InlineData("eyJhbGciOi.J9-_.sig==", "eyJhbGciOi.J9-_.sig==")]
    [InlineData("Bearer bearer", "bearer")]
    [InlineData("Bearer Basic", "Basic")]
    public void H41_S6_A_bearer_token_is_read_generously(string value, string token) => Accepted(value).Should().Be(token);

    [Theory]
    [InlineData("Bearer")]
    [InlineData("bearer")]
    [InlineData("Bearer ")]
    [InlineData("  Bearer   ")]
    public void H41_A_bearer_without_a_token_is_no_credential_that_is_accepted(string value) => Refused(value).Should().Be(RefusalReason.IllegalToken);

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("Basic x")]
    [InlineData("Basic")]
    [InlineData("Digest username=\"a\"")]
    [InlineData("Token U")]
    [InlineData("Negotiate abc")]
    [InlineData("U V")]
    [InlineData("Bearer U V")]
    [InlineData("Bearer U, Bearer V")]
    [InlineData("Bearer U,V")]
    [InlineData("U,V")]
    [InlineData("Bearer \"U\"")]
    [InlineData("Bearer\tU")]
    [InlineData("Bearer U\u0001")]
    [InlineData("Bearer \u00dc")]
    [InlineData("\u00dc")]
    public void H41_F17_Anything_else_is_a_malformed_request(string value) => Refused(value).Should().Be(RefusalReason.InvalidRequest);

    [Theory]
    [InlineData("anybody:U", "U")]
    [InlineData(":U", "U")]
    [InlineData("a:b:c", "b:c")]
    public void Decision11_Basic_brings_the_token_as_password(string pair, string token)
    {
        var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes(pair));

        Accepted("Basic " + encoded).Should().Be(token);
        Accepted("  basic   " + encoded + " ").Should().Be(token);
    }

    [Theory]
    [InlineData("anybody:")]
    [InlineData("U")]
    [InlineData("a:b c")]
    [InlineData("a:b\nc")]
    [InlineData("a:b,c")]
    [InlineData("a:\u00dc")]
    public void Decision11_Basic_without_a_token_for_password_is_refused(string pair) =>
        Refused("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(pair))).Should().Be(RefusalReason.InvalidRequest);

    [Fact]
    public void Decision11_A_Basic_credential_that_is_no_UTF_8_is_refused() =>
        Refused("Basic " + Convert.ToBase64String([(byte)'a', (byte)':', 0xff])).Should().Be(RefusalReason.InvalidRequest);

    /// <summary>The shipped server's own cases of reading the token, the cookies left out.</summary>
    [Theory]
    [InlineData("Bearer header-token", "header-token")]
    [InlineData("bearer header-token", "header-token")]
    [InlineData("  Bearer header-token  ", "header-token")]
    [InlineData("header-token", "header-token")]
    [InlineData("Bearer", null)]
    [InlineData("Bearer ", null)]
    public void H101_The_shipped_cases_of_the_token(string value, string? token) => ServiceDoorToken.Of(value, out _).Should().Be(token);

    [Fact]
    public void F17_A_token_is_one_word_of_visible_characters_and_part_of_what_was_sent() =>
        Gen.OneOf(Gen.String, Gen.Char[' ', '~'].Array.Select(static text => "Bearer " + new string(text)), Gen.Char[' ', '~'].Array.Select(static text => new string(text))).Sample(
            static value => ServiceDoorToken.Of(value, out var refusal) is not { } token
                ? refusal is not null
                : refusal is null && token.Length > 0 && token.All(static c => c is > ' ' and <= '~' and not ',' and not '"'),
            iter: 20_000);

    [Fact]
    public void F46_A_refusal_never_repeats_the_credential() => Refusal("Basic c2VjcmV0LXZhbHVl!").Message.Should().NotContain("c2VjcmV0LXZhbHVl");

    private static string? Accepted(string value)
    {
        var token = ServiceDoorToken.Of(value, out var refusal);
        refusal.Should().BeNull();
        return token;
    }

    private static RefusalReason Refused(string value) => Refusal(value).Reason;

    private static Refusal Refusal(string value)
    {
        ServiceDoorToken.Of(value, out var refusal).Should().BeNull();
        return refusal!;
    }
}
