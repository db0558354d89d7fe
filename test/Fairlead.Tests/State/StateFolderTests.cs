using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.FirstRun;
using Fairlead.Kubernetes.Secrets;
using Fairlead.State;
using Fairlead.Testing;
using Xunit;

namespace Fairlead.Tests.State;

public sealed class StateFolderTests : IDisposable
{
    private static readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_that_is_missing_is_made_for_its_owner_alone_and_keeps_one_secret()
    {
        Secret? first;
        using (var state = Open())
        {
            first = state.Apply(new GatewayOptions()).Sessions.EncryptionSecret;
        }

        using var again = Open();

        first!.Reveal().Length.Should().BeGreaterThanOrEqualTo(32);
        again.Apply(new GatewayOptions()).Sessions.EncryptionSecret.Should().Be(first);
        File.GetUnixFileMode(_folder.PathOf("a/b")).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var file in Directory.EnumerateFiles(_folder.PathOf("a/b")))
        {
            File.GetUnixFileMode(file).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite, file);
        }
    }

    [Fact]
    public void A_configured_secret_counts_more()
    {
        var own = new Secret(new string('o', 40));
        using var state = Open();

        state.Apply(new GatewayOptions { Sessions = new BrowserSessionOptions { EncryptionSecret = own } }).Sessions.EncryptionSecret.Should().BeSameAs(own);
    }

    [Fact]
    public void Two_cannot_use_it()
    {
        using var state = Open();

        var second = Open;

        second.Should().Throw<StateFolderException>().WithMessage("*another process*");
    }

    [Fact]
    public void A_folder_that_inherits_its_group_from_a_volume_is_its_owners_alone()
    {
        Directory.CreateDirectory(_folder.PathOf("a/b"));
        File.SetUnixFileMode(_folder.PathOf("a/b"), StateFolder.Mode | UnixFileMode.SetGroup);

        using var state = Open();
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherExecute)]
    public void A_folder_that_is_open_to_others_is_refused(UnixFileMode more)
    {
        Directory.CreateDirectory(_folder.PathOf("a/b"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | more);
        File.SetUnixFileMode(_folder.PathOf("a/b"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | more);

        var opening = Open;

        opening.Should().Throw<StateFolderException>().WithMessage("*chmod 700*");
    }

    [Fact]
    public void A_secret_that_is_none_is_refused_and_not_replaced()
    {
        Open().Dispose();
        File.WriteAllText(_folder.PathOf("a/b/secret"), "short");

        var opening = Open;

        opening.Should().Throw<StateFolderException>().WithMessage("*holds no secret*");
        File.ReadAllText(_folder.PathOf("a/b/secret")).Should().Be("short");
    }

    [Fact]
    public void The_generated_certificate_stays_until_it_ends_soon()
    {
        GeneratedCertificate first;
        using (var state = Open())
        {
            first = state.Certificate(_now);
        }

        using var again = Open();

        var kept = again.Certificate(_now.AddDays(15));
        (kept.AuthorityPem, kept.Server.TargetCertificate.SerialNumber, kept.Server.TargetCertificate.HasPrivateKey).Should().Be((first.AuthorityPem, first.Server.TargetCertificate.SerialNumber, true));
        again.Certificate(_now.AddDays(25)).Server.TargetCertificate.SerialNumber.Should().NotBe(first.Server.TargetCertificate.SerialNumber);
        GeneratedCertificate.TryRead("nonsense", _now).Should().BeNull();
    }

    private StateFolder Open() => StateFolder.Open(_folder.PathOf("a/b"));
}
