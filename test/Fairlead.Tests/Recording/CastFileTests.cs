using System.Text;
using System.Text.Json;
using AwesomeAssertions;
using CsCheck;
using Fairlead.Recording;
using Fairlead.Testing;
using Xunit;

namespace Fairlead.Tests.Recording;

/// <summary>The format is asciicast v2, as docs.asciinema.org/manual/asciicast/v2 has it.</summary>
public sealed class CastFileTests : IDisposable
{
    private static readonly CastHeader _header = new(1_767_323_045, "exec team/web by \"jane\"", null, new Dictionary<string, string>(StringComparer.Ordinal) { ["FAIRLEAD_USER"] = "jane" });

    private readonly TempFolder _folder = new();
    private int _files;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_first_line_says_what_it_is()
    {
        using var cast = Create();

        var header = Lines(cast).Single();
        header.GetProperty("version").GetInt32().Should().Be(2);
        header.GetProperty("width").GetInt32().Should().Be(80);
        header.GetProperty("height").GetInt32().Should().Be(24);
        header.GetProperty("timestamp").GetInt64().Should().Be(1_767_323_045);
        header.GetProperty("title").GetString().Should().Be("exec team/web by \"jane\"");
        header.GetProperty("env").GetProperty("FAIRLEAD_USER").GetString().Should().Be("jane");
        header.TryGetProperty("command", out _).Should().BeFalse("nobody asked for it");
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(cast.Path).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    [Fact]
    public void Each_further_line_is_an_event()
    {
        using var cast = Create();
        cast.Text(TimeSpan.FromSeconds(0.25), "o", 1, "\u001b[31mrot\u001b[0m\r\n\"\\\0"u8);
        cast.Text(TimeSpan.FromSeconds(1), "i", 0, "ls\r"u8);
        cast.Resize(TimeSpan.FromSeconds(3661.5), 120, 40);

        var raw = File.ReadAllLines(cast.Path);
        raw[1].Should().StartWith("[0.250000,\"o\",");
        raw[3].Should().Be("[3661.500000,\"r\",\"120x40\"]");
        var lines = Lines(cast);
        lines[1][2].GetString().Should().Be("\u001b[31mrot\u001b[0m\r\n\"\\\0");
        lines[2][1].GetString().Should().Be("i");
    }

    [Fact]
    public void A_size_before_everything_else_is_the_one_that_it_begins_with()
    {
        using var cast = Create();
        var before = cast.Length;
        cast.Resize(TimeSpan.FromSeconds(0.1), 211, 57);
        cast.Text(TimeSpan.FromSeconds(0.2), "o", 1, "x"u8);
        cast.Resize(TimeSpan.FromSeconds(0.3), 0, -5);
        cast.Resize(TimeSpan.FromSeconds(0.3), 100_000, 5);

        var lines = Lines(cast);
        (lines[0].GetProperty("width").GetInt32(), lines[0].GetProperty("height").GetInt32()).Should().Be((211, 57));
        lines.Should().HaveCount(2);
        before.Should().BeLessThan(cast.Length);
    }

    [Fact]
    public void A_character_that_is_cut_in_two_is_one_and_channels_do_not_mix()
    {
        using var cast = Create();
        var text = "ä€😀"u8.ToArray();
        foreach (var value in text)
        {
            cast.Text(TimeSpan.Zero, "o", 1, [value]);
            cast.Text(TimeSpan.Zero, "o", 2, "."u8);
        }

        string.Concat(Lines(cast).Skip(1).Select(static line => line[2].GetString()).Where(static shown => shown is not ".")).Should().Be("ä€😀");
    }

    [Fact]
    public void Whatever_bytes_are_shown_every_line_is_JSON_and_no_text_is_lost() =>
        Gen.Byte.Array[0, 200].Array[1, 10].Sample(
            pieces =>
            {
                using var cast = Create();
                foreach (var piece in pieces)
                {
                    cast.Text(TimeSpan.FromMilliseconds(1), "o", 1, piece);
                }

                var decoder = Encoding.UTF8.GetDecoder();
                var expected = new char[Encoding.UTF8.GetMaxCharCount(2000)];
                var all = pieces.SelectMany(static piece => piece).ToArray();
                var count = decoder.GetChars(all, expected, flush: false);
                return string.Equals(string.Concat(Lines(cast).Skip(1).Select(static line => line[2].GetString())), new string(expected, 0, count), StringComparison.Ordinal);
            },
            iter: 100,
            threads: 1);

    [Fact]
    public void One_that_is_there_is_not_written_over_and_one_that_is_discarded_is_gone()
    {
        var cast = Create();
        var again = () => CastFile.Create(cast.Path, _header);

        again.Should().Throw<IOException>();
        cast.Discard();

        File.Exists(cast.Path).Should().BeFalse();
    }

    private CastFile Create() => CastFile.Create(_folder.PathOf($"{_files++}.cast"), _header);

    private static IReadOnlyList<JsonElement> Lines(CastFile cast)
    {
        using var stream = new FileStream(cast.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        return [.. reader.ReadToEnd().Split('\n')[..^1].Select(static line => JsonDocument.Parse(line).RootElement.Clone())];
    }
}
