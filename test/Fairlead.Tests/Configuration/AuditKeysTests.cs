using AwesomeAssertions;
using Fairlead.Configuration;
using Xunit;

namespace Fairlead.Tests.Configuration;

public sealed class AuditKeysTests : IDisposable
{
    private readonly Loading _loading = new();

    public void Dispose() => _loading.Dispose();

    [Fact]
    public void Without_the_section_nothing_is_kept() => _loading.Options("baseUrl: /").Audit.Should().Be(new AuditOptions());

    [Fact]
    public void A_file_alone_is_rotated_and_refuses_when_it_is_full() => _loading.Options("audit: { file: /var/log/audit.log }").Audit.Should().Be(
        new AuditOptions { File = "/var/log/audit.log", Stdout = false, MaxSize = 100 << 20, MaxFiles = 10, MaxAge = null, ForgetsWhenFull = false, Queue = 8192 });

    [Fact]
    public void All_values_arrive() => _loading.Options("audit: { file: /a, maxSize: 64Ki, maxFiles: 3, maxAge: 720h, stdout: true, whenFull: forget, queue: 100 }").Audit.Should().Be(
        new AuditOptions { File = "/a", Stdout = true, MaxSize = 65536, MaxFiles = 3, MaxAge = TimeSpan.FromDays(30), ForgetsWhenFull = true, Queue = 100 });

    [Fact]
    public void Nothing_is_bounded_where_it_says_unlimited() => _loading.Options("audit: { stdout: true, maxSize: unlimited, maxFiles: unlimited, maxAge: unlimited }").Audit.Should().Be(
        new AuditOptions { Stdout = true, MaxSize = null, MaxFiles = null, MaxAge = null });

    [Theory]
    [InlineData("4096", 4096)]
    [InlineData("'65536'", 65536)]
    [InlineData("2Gi", 2L << 30)]
    public void A_size_is_a_number_of_bytes_or_a_Kubernetes_quantity(string text, long bytes) => _loading.Options($"audit: {{ file: /a, maxSize: {text} }}").Audit.MaxSize.Should().Be(bytes);
}
