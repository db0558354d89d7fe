using System.Text;
using AwesomeAssertions;
using Fairlead.Kubernetes.Documents;
using Fairlead.Testing;
using Xunit;

namespace Fairlead.Kubernetes.Tests.Documents;

public sealed class TextFileTests
{
    [Fact]
    public void It_reads_UTF_8_with_and_without_a_byte_order_mark()
    {
        using var folder = new TempFolder();
        foreach (var encoding in new[] { new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), new UTF8Encoding(encoderShouldEmitUTF8Identifier: true) })
        {
            var path = Path.Combine(folder.Path, "text");
            File.WriteAllText(path, "größer: 本\n", encoding);

            TextFile.TryRead(path, out var text, out var problem).Should().BeTrue(problem);
            text.Should().Be("größer: 本\n");
        }
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(TextFile.MaxBytes, true)]
    [InlineData(TextFile.MaxBytes + 1, false)]
    public void It_reads_up_to_its_bound_and_nothing_beyond(int length, bool isRead)
    {
        using var folder = new TempFolder();
        var path = folder.Write("text", new string('a', length));

        TextFile.TryRead(path, out var text, out var problem).Should().Be(isRead);
        (text?.Length, problem).Should().Be(isRead ? (length, null) : (null, "the file is larger than 8 MiB"));
    }

    [Theory]
    [InlineData("/dev/zero", "the file is larger than 8 MiB")]
    [InlineData("/dev", "this is a directory, not a file")]
    [InlineData("/proc/self/none", "the file does not exist")]
    public void A_device_without_an_end_and_what_is_no_file_are_said(string path, string expected)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();

        TextFile.TryRead(path, out _, out var problem).Should().BeFalse();

        problem.Should().Be(expected);
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(3 * TextFile.MaxBytes);
    }

    [Fact]
    public void What_is_no_text_is_said()
    {
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "bytes");
        File.WriteAllBytes(path, [0xc3, 0x28]);

        TextFile.TryRead(path, out _, out var problem).Should().BeFalse();
        problem.Should().Be("the file is not UTF-8 text");
    }
}
