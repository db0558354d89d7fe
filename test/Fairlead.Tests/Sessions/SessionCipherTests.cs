using System.Text;
using AwesomeAssertions;
using CsCheck;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Sessions;
using Xunit;

namespace Fairlead.Tests.Sessions;

public sealed class SessionCipherTests
{
    private static readonly SessionCipher _cipher = new(new Secret("0123456789abcdef0123456789abcdef"));
    private static readonly OpaqueKey _key = OpaqueKey.Create();

    [Fact]
    public void A_value_opens_for_what_it_was_made_for() =>
        Gen.Select(Gen.Byte.Array, Gen.String, Gen.Long).Sample(static (value, purpose, version) =>
            _cipher.Open(_key, purpose, version, _cipher.Seal(_key, purpose, version, value)) is { } opened && opened.AsSpan().SequenceEqual(value));

    [Fact]
    public void It_opens_for_nothing_else()
    {
        var stored = _cipher.Seal(_key, "session", 1, "value"u8);

        _cipher.Open(OpaqueKey.Create(), "session", 1, stored).Should().BeNull();
        _cipher.Open(_key, "ticket", 1, stored).Should().BeNull();
        _cipher.Open(_key, "session", 2, stored).Should().BeNull();
        new SessionCipher(new Secret("0123456789abcdef0123456789abcdeg")).Open(_key, "session", 1, stored).Should().BeNull();
    }

    [Fact]
    public void A_changed_or_shortened_value_does_not_open()
    {
        var stored = _cipher.Seal(_key, "session", 1, "value"u8);
        for (var i = 0; i < stored.Length; i++)
        {
            var changed = stored.ToArray();
            changed[i] ^= 0x80;
            _cipher.Open(_key, "session", 1, changed).Should().BeNull("byte {0} was changed", i);
            _cipher.Open(_key, "session", 1, stored.AsSpan(0, i)).Should().BeNull("{0} bytes are left", i);
        }

        _cipher.Open(_key, "session", 1, [.. stored, 0]).Should().BeNull();
    }

    [Fact]
    public void A_value_is_not_the_same_twice() =>
        _cipher.Seal(_key, "session", 1, "value"u8).Should().NotEqual(_cipher.Seal(_key, "session", 1, "value"u8));

    [Fact]
    public void Names_depend_on_every_word_and_on_the_secret()
    {
        var name = _cipher.NameOf("subject", "issuer", "jane");

        _cipher.NameOf("subject", "issuer", "jane").Should().Be(name);
        _cipher.NameOf("subject", "issuerj", "ane").Should().NotBe(name);
        _cipher.NameOf("subject", "issuer", "jane", "").Should().NotBe(name);
        _cipher.NameOf("sid", "issuer", "jane").Should().NotBe(name);
        new SessionCipher(new Secret(new string('y', 32))).NameOf("subject", "issuer", "jane").Should().NotBe(name);
    }

    [Fact]
    public void A_short_secret_is_refused_and_not_repeated()
    {
        var make = static () => new SessionCipher(new Secret("too short"));

        make.Should().Throw<ArgumentException>().Which.Message.Should().NotContain("too short").And.Contain("32");
    }

    [Fact]
    public void A_document_is_read_as_it_was_written()
    {
        var session = new BrowserSession { Provider = "oidc", Name = "jane",
            Groups = ["devs", "ops"],
            Issuer = "https://login.example.com",
            Subject = "7",
            AccessToken = new Secret("access"),
            AccessTokenExpiresAt = DateTimeOffset.UnixEpoch,
            EndsAt = DateTimeOffset.MaxValue,
            Version = 5,
        };

        SessionDocument.Read(SessionDocument.Write(session)).Should().BeEquivalentTo(session);
        session.ToString().Should().Be("[session]");
    }

    [Theory]
    [InlineData("\"schema\":1", "\"schema\":2")]
    [InlineData("\"schema\":1,", "")]
    [InlineData("\"name\":\"jane\"", "\"name\":null")]
    [InlineData("\"name\":\"jane\",", "")]
    [InlineData("\"groups\":[]", "\"groups\":{}")]
    [InlineData("}", "")]
    [InlineData("{", "[")]
    public void A_document_of_another_shape_is_no_session(string part, string instead)
    {
        var text = Encoding.UTF8.GetString(SessionDocument.Write(new BrowserSession { Provider = "oidc", Name = "jane", Issuer = "i", Subject = "7" }));
        text.Should().Contain(part);

        SessionDocument.Read(Encoding.UTF8.GetBytes(text.Replace(part, instead, StringComparison.Ordinal))).Should().BeNull();
    }

    [Fact]
    public void A_document_with_more_than_is_known_is_read() =>
        SessionDocument.Read("""{"schema":1,"name":"jane","groups":[],"provider":"oidc","issuer":"i","subject":"7","createdAt":"2030-01-01T00:00:00Z","lastUsedAt":"2030-01-01T00:00:00Z","endsAt":"2030-01-01T00:00:00Z","version":1,"new":true}"""u8)!
            .Name.Should().Be("jane");
}
