using AwesomeAssertions;
using Fairlead.Fuzz;
using Xunit;

namespace Fairlead.Tests.Fuzzing;

/// <summary>
/// The corpora of the fuzz targets, replayed. A file <c>accepted-...</c> or <c>refused-...</c> has to be that; any other, such as what the fuzzer has found, must only
/// break nothing.
/// </summary>
public sealed class CorpusTests
{
    private static readonly string _corpora = Path.Combine(Repository(), "test", "hostile", "corpus");

    /// <summary>The targets.</summary>
    public static TheoryData<string> Targets { get; } = [.. FuzzTargets.All.Select(static target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void T115_The_corpus_of_every_fuzz_target_is_accepted_or_refused_in_peace(string name)
    {
        var target = FuzzTargets.Find(name)!;
        var files = Directory.GetFiles(Path.Combine(_corpora, name));
        files.Should().Contain(static file => Path.GetFileName(file).StartsWith("accepted-", StringComparison.Ordinal)).And.Contain(static file => Path.GetFileName(file).StartsWith("refused-", StringComparison.Ordinal));
        foreach (var file in files)
        {
            var accepted = target.Run(File.ReadAllBytes(file));

            (Path.GetFileName(file).Split('-')[0] switch { "accepted" => accepted, "refused" => !accepted, _ => true }).Should().BeTrue("{0} says so", file);
        }
    }

    [Fact]
    public void T115_Every_corpus_has_a_target() =>
        Directory.GetDirectories(_corpora).Select(Path.GetFileName).Should().BeEquivalentTo(FuzzTargets.All.Select(static target => target.Name));

    [Fact]
    public void T115_A_target_that_breaks_is_a_finding()
    {
        // Without this the targets could find nothing at all.
        var leaks = new FuzzTarget("leaks", static input => new byte[64 * 1024 * 1024].Length > input.Length);

        var run = () => leaks.Run([1]);

        run.Should().Throw<FindingException>().WithMessage("*allocate*");
    }

    private static string Repository()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Fairlead.slnx")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("the tests run outside the repository");
        }

        return folder;
    }
}
