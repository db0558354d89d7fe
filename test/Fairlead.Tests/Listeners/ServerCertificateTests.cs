using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Connections;
using Fairlead.Listeners;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Files;
using Fairlead.Testing.Gateways;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fairlead.Tests.Listeners;

public sealed class ServerCertificateTests : IDisposable
{
    private const int Reloaded = 401;
    private const int Kept = 402;

    private static readonly TimeSpan _check = TimeSpan.FromSeconds(2);
    private static readonly TestCertificate _one = TestCertificates.Shared.Server("one.test");
    private static readonly TestCertificate _two = TestCertificates.Shared.Server("two.test");

    private readonly MountedFolder _folder = new();
    private readonly LogRecorder _log = new();
    private readonly FakeTimeProvider _time = new();
    private readonly LoggerFactory _loggers;

    public ServerCertificateTests()
    {
        _loggers = new LoggerFactory([_log]);
        Publish(_one);
    }

    public void Dispose()
    {
        _loggers.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void T111_An_exchanged_Secret_serves_new_connections_after_the_next_look()
    {
        var certificate = Load();
        Name(certificate).Should().Be("one.test");

        Publish(_two);
        Name(certificate).Should().Be("one.test", "files are looked at only every so often");
        _time.Advance(_check);

        Name(certificate).Should().Be("two.test");
        _log.Count(Reloaded).Should().Be(1);
    }

    [Fact]
    public void T111_While_nothing_changes_the_same_certificate_serves()
    {
        var certificate = Load();
        var first = certificate.Current;

        _time.Advance(_check);

        certificate.Current.Should().BeSameAs(first);
        _log.Count(Reloaded).Should().Be(0);
    }

    [Fact]
    public void T111_A_broken_exchange_is_reported_and_the_last_good_one_serves_on_until_it_is_mended()
    {
        var certificate = Load();

        Publish(_two with { KeyPem = _one.KeyPem });
        _time.Advance(_check);
        Name(certificate).Should().Be("one.test");
        _log.Count(Kept).Should().Be(1);

        Publish(_two);
        _time.Advance(_check);
        Name(certificate).Should().Be("two.test");
    }

    [Fact]
    public void T111_So_it_does_while_a_file_is_missing()
    {
        var certificate = Load();

        File.Delete(_folder.Of("tls.key"));
        _time.Advance(_check);

        Name(certificate).Should().Be("one.test");
        _log.Count(Kept).Should().Be(1);
    }

    [Fact]
    public void At_start_files_that_cannot_be_used_are_both_named()
    {
        Publish(_one with { KeyPem = _two.KeyPem });

        FluentActions.Invoking(Load).Should().Throw<TlsMaterialException>()
            .Which.Message.Should().Contain(_folder.Of("tls.crt")).And.Contain(_folder.Of("tls.key")).And.NotContain("BEGIN");
    }

    private static string Name(ServerCertificate certificate) =>
        certificate.Current.TargetCertificate.GetNameInfo(System.Security.Cryptography.X509Certificates.X509NameType.DnsName, false);

    private void Publish(TestCertificate certificate) => _folder.Publish(("tls.crt", certificate.Pem), ("tls.key", certificate.KeyPem));

    private ServerCertificate Load() =>
        new(new TlsFiles(_folder.Of("tls.crt"), _folder.Of("tls.key")), _check, _time, _loggers.CreateLogger<ServerCertificate>());
}
