using AwesomeAssertions;
using Fairlead.Audit;
using Fairlead.Configuration;
using Fairlead.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Fairlead.Tests.Audit;

public sealed class FileAuditSinkTests : AuditSinkContract, IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero));

    public FileAuditSinkTests() => Sink = Of(new AuditOptions());

    private protected override IAuditSink Sink { get; }

    private string Audit => _folder.PathOf("audit.log");

    private string[] Files => [.. Directory.EnumerateFiles(_folder.Path).Select(static file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Only_the_owner_may_read_it()
    {
        await Sink.AppendAsync("a\n"u8.ToArray());

        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(Audit).Should().Be(OwnerOnly);
        }
    }

    [Fact]
    public async Task A_file_that_has_reached_its_size_is_renamed_and_a_new_one_begun()
    {
        var sink = Of(new AuditOptions { MaxSize = 10 });

        await AppendAsync(sink, "12345\n", "123\n", "6\n", "7\n");

        Files.Should().Equal("audit-2026-01-02T03-04-05.678.log", "audit.log");
        (await File.ReadAllTextAsync(_folder.PathOf("audit-2026-01-02T03-04-05.678.log"))).Should().Be("12345\n123\n");
        (await File.ReadAllTextAsync(Audit)).Should().Be("6\n7\n");
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(Audit).Should().Be(OwnerOnly);
        }
    }

    [Fact]
    public async Task Two_that_are_renamed_at_the_same_moment_have_two_names()
    {
        var sink = Of(new AuditOptions { MaxSize = 1 });

        await AppendAsync(sink, "1\n", "2\n", "3\n");

        Files.Should().Equal("audit-2026-01-02T03-04-05.678.log", "audit-2026-01-02T03-04-05.679.log", "audit.log");
    }

    [Fact]
    public async Task Only_so_many_renamed_files_are_kept_and_nothing_else_is_touched()
    {
        string[] others = ["audit-2020-01-01.log", "audit-2020-01-01T00-00-00.000.log.gz", "other-2020-01-01T00-00-00.000.log", "audit-notes.log"];
        foreach (var other in others)
        {
            _folder.Write(other, "");
        }

        var sink = Of(new AuditOptions { MaxSize = 1, MaxFiles = 2 });
        for (var i = 0; i < 6; i++)
        {
            await AppendAsync(sink, $"{i}\n");
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Files.Except(others, StringComparer.Ordinal).Should().Equal("audit-2026-01-02T03-04-09.678.log", "audit-2026-01-02T03-04-10.678.log", "audit.log");
        Files.Should().Contain(others);
    }

    [Fact]
    public async Task Renamed_files_go_when_they_are_too_old()
    {
        var sink = Of(new AuditOptions { MaxSize = 1, MaxAge = TimeSpan.FromHours(24) });
        await AppendAsync(sink, "1\n", "2\n");
        Files.Should().HaveCount(2);

        _time.Advance(TimeSpan.FromHours(25));
        await AppendAsync(Of(new AuditOptions { MaxAge = TimeSpan.FromHours(24) }), "3\n");

        Files.Should().Equal("audit.log");
        (await File.ReadAllTextAsync(Audit)).Should().Be("2\n3\n");
    }

    [Fact]
    public async Task A_program_that_renames_it_needs_to_tell_nobody()
    {
        await AppendAsync(Sink, "1\n");
        File.Move(Audit, _folder.PathOf("audit.log.1"));
        await AppendAsync(Sink, "2\n");

        (await File.ReadAllTextAsync(_folder.PathOf("audit.log.1"))).Should().Be("1\n");
        (await File.ReadAllTextAsync(Audit)).Should().Be("2\n");
    }

    [Fact]
    public async Task Behind_a_link_it_is_the_file_itself_that_is_renamed()
    {
        Directory.CreateDirectory(_folder.PathOf("data"));
        File.CreateSymbolicLink(Audit, _folder.PathOf("data/real.log"));

        await AppendAsync(Of(new AuditOptions { MaxSize = 1 }), "1\n", "2\n");

        Files.Should().Equal("audit.log");
        Directory.EnumerateFiles(_folder.PathOf("data")).Select(Path.GetFileName).Should().BeEquivalentTo("real.log", "real-2026-01-02T03-04-05.678.log");
        (await File.ReadAllTextAsync(Audit)).Should().Be("2\n");
    }

    [Fact]
    public async Task What_cannot_be_renamed_goes_on_growing()
    {
        await AppendAsync(Sink, "1\n");
        // Root may rename everything but what is not there.
        var rotated = new RotatedFiles(_folder.PathOf("missing/audit.log"), null, null, _time, NullLogger<RotatedFiles>.Instance);

        await AppendAsync(new FileAuditSink(Audit, 1, rotated), "2\n", "3\n");

        (await File.ReadAllTextAsync(Audit)).Should().Be("1\n2\n3\n");
    }

    protected override void Break()
    {
        File.Move(Audit, _folder.PathOf("aside"));
        File.CreateSymbolicLink(Audit, "/dev/full");
    }

    protected override void Mend()
    {
        File.Delete(Audit);
        File.Move(_folder.PathOf("aside"), Audit);
    }

    protected override Task<string> WrittenAsync() => File.ReadAllTextAsync(Audit);

    private static async Task AppendAsync(IAuditSink sink, params string[] batches)
    {
        foreach (var batch in batches)
        {
            await sink.AppendAsync(System.Text.Encoding.UTF8.GetBytes(batch));
        }
    }

    private FileAuditSink Of(AuditOptions options) => FileAuditSink.For(options with { File = Audit }, _time, NullLogger<RotatedFiles>.Instance);
}
