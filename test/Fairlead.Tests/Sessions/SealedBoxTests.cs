using AwesomeAssertions;
using CsCheck;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Sessions;
using Xunit;

namespace Fairlead.Tests.Sessions;

public sealed class SealedBoxTests
{
    private static readonly SealedBox _box = Box("a");

    [Fact]
    public void What_was_sealed_opens_for_its_purpose_and_key_alone() =>
        Gen.Select(Gen.Byte.Array[0, 300], Gen.String, Gen.String).Sample((value, purpose, other) =>
        {
            var text = _box.Seal(purpose, value);
            return value.AsSpan().SequenceEqual(_box.Open(purpose, text)) && value.AsSpan().SequenceEqual(Box("a").Open(purpose, text))
                && Box("b").Open(purpose, text) is null && (string.Equals(purpose, other, StringComparison.Ordinal) || _box.Open(other, text) is null);
        });

    [Fact]
    public void A_changed_or_shortened_text_opens_nothing()
    {
        var text = _box.Seal("p", "value"u8);
        for (var i = 0; i < text.Length; i++)
        {
            var changed = text.ToCharArray();
            changed[i] = changed[i] == 'A' ? 'B' : 'A';
            var opened = _box.Open("p", new string(changed));
            // The last character of base64url may carry bits that mean nothing.
            (opened is null || (i == text.Length - 1 && opened.AsSpan().SequenceEqual("value"u8))).Should().BeTrue();
            _box.Open("p", text.AsSpan(0, i)).Should().BeNull();
        }
    }

    [Fact]
    public void Any_text_is_refused_quietly() => Gen.String.Sample(static text => _box.Open("p", text) is null);

    [Fact]
    public void Without_a_secret_the_key_is_of_this_process()
    {
        var (one, other) = (new SealedBox(new BrowserSessionOptions()), new SealedBox(new BrowserSessionOptions()));

        one.Open("p", one.Seal("p", "x"u8)).Should().NotBeNull();
        other.Open("p", one.Seal("p", "x"u8)).Should().BeNull();
    }

    [Fact]
    public void What_was_sealed_under_the_previous_secret_opens_and_nothing_is_sealed_under_it()
    {
        var both = new SealedBox(new BrowserSessionOptions { EncryptionSecret = new Secret(new string('b', 40)), PreviousSecret = new Secret(new string('a', 40)) });

        both.Open("p", _box.Seal("p", "x"u8)).Should().Equal("x"u8.ToArray());
        Box("b").Open("p", both.Seal("p", "y"u8)).Should().Equal("y"u8.ToArray());
        _box.Open("p", both.Seal("p", "y"u8)).Should().BeNull();
    }

    private static SealedBox Box(string secret) => new(new BrowserSessionOptions { EncryptionSecret = new Secret(new string(secret[0], 40)) });
}
