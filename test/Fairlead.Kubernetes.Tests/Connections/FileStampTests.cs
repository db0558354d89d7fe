using System.Diagnostics;
using AwesomeAssertions;
using Fairlead.Kubernetes.Connections;
using Fairlead.Testing.Files;
using Xunit;

namespace Fairlead.Kubernetes.Tests.Connections;

public sealed class FileStampTests
{
    [Fact]
    public void A_file_that_nobody_touches_keeps_its_stamp()
    {
        using var folder = new TempFolder();
        var path = folder.Write("a", "text");

        FileStamp.Of(path).Should().Be(FileStamp.Of(path));
    }

    [Fact]
    public void Another_length_or_time_is_another_stamp()
    {
        using var folder = new TempFolder();
        var path = folder.Write("a", "text");
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);
        var first = FileStamp.Of(path);

        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch.AddTicks(10));
        var second = FileStamp.Of(path);
        folder.Write("a", "texts");
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);

        second.Should().NotBe(first);
        FileStamp.Of(path).Should().NotBe(first);
    }

    [Fact]
    public async Task A_pipe_is_the_same_when_somebody_has_written_to_it()
    {
        using var folder = new TempFolder();
        var path = folder.Of("pipe");
        using var shell = Process.Start("/bin/sh", ["-c", "mkfifo \"$0\" && touch -d @0 \"$0\"", path]);
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        var (first, time) = (FileStamp.Of(path), File.GetLastWriteTimeUtc(path));

        using var writer = Process.Start("/bin/sh", ["-c", "echo text > \"$0\" & cat \"$0\" > /dev/null; wait", path]);
        await writer.WaitForExitAsync(TestContext.Current.CancellationToken);

        File.GetLastWriteTimeUtc(path).Should().NotBe(time);
        FileStamp.Of(path).Should().Be(first).And.NotBe(FileStamp.Of(path + "-that-is-none"));
    }

    [Fact]
    public void An_empty_file_is_the_same_whenever_it_was_written()
    {
        using var folder = new TempFolder();
        var path = folder.Write("a", "");
        var first = FileStamp.Of(path);

        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);

        FileStamp.Of(path).Should().Be(first);
        folder.Write("a", "x");
        FileStamp.Of(path).Should().NotBe(first);
    }

    [Fact]
    public void T111_The_link_swap_of_a_mounted_ConfigMap_shows_even_when_size_and_time_stay()
    {
        using var folder = new MountedFolder();
        folder.Publish(("tls.crt", "one"), ("tls.key", "key"));
        var (certificate, key) = (FileStamp.Of(folder.Of("tls.crt")), FileStamp.Of(folder.Of("tls.key")));
        FileStamp.Of(folder.Of("tls.crt")).Should().Be(certificate);

        folder.Publish(("tls.crt", "two"), ("tls.key", "yek"));

        FileStamp.Of(folder.Of("tls.crt")).Should().NotBe(certificate);
        FileStamp.Of(folder.Of("tls.key")).Should().NotBe(key);
    }

    [Fact]
    public void A_link_that_is_pointed_elsewhere_shows_too()
    {
        using var folder = new TempFolder();
        foreach (var name in (string[])["one", "two"])
        {
            File.SetLastWriteTimeUtc(folder.Write(name, name), DateTime.UnixEpoch);
        }

        File.CreateSymbolicLink(folder.Of("link"), "one");
        var before = FileStamp.Of(folder.Of("link"));
        File.Delete(folder.Of("link"));
        File.CreateSymbolicLink(folder.Of("link"), "two");

        FileStamp.Of(folder.Of("link")).Should().NotBe(before);
    }

    [Fact]
    public void Missing_files_and_dangling_links_have_the_stamp_of_nothing()
    {
        using var folder = new TempFolder();
        File.CreateSymbolicLink(folder.Of("dangling"), "nowhere");
        File.CreateSymbolicLink(folder.Of("loop"), "loop");

        FileStamp.Of(folder.Of("none")).Length.Should().Be(-1);
        FileStamp.Of(folder.Of("dangling")).Length.Should().Be(-1);
        FileStamp.Of(folder.Of("loop")).Length.Should().Be(-1);
    }
}
