using Fairlead.Configuration;

namespace Fairlead.Fuzz.Targets;

/// <summary>Configuration files. An input is one.</summary>
internal static class Configurations
{
    // With blanks around it it can be no name: a name that comes from a variable is one, and is printed as such.
    private const string Secret = "fuzzed/secret value";

    private static readonly string _file = Path.Combine(ScratchFolder.Path, "fairlead.yaml");
    private static readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal) { ["A"] = "a", ["HOME"] = ScratchFolder.Path, ["SECRET"] = $" {Secret} " };

    /// <summary>Loads one file.</summary>
    public static bool Attack(byte[] input)
    {
        File.WriteAllBytes(_file, input);
        var result = ConfigurationLoader.Load([_file], _environment, [], Path.Combine(ScratchFolder.Path, "account"), ScratchFolder.Path);
        Invariant.Holds(result.Options is null == result.Errors.Count > 0, "there are options and errors, or neither");
        foreach (var error in result.Errors)
        {
            var text = error.ToString();
            Invariant.Holds(text.Length > 0 && !text.Contains('\n', StringComparison.Ordinal), "an error is not one line");
            Invariant.Holds(!text.Contains(Secret, StringComparison.Ordinal), "an error holds a variable's value");
        }

        return result.Options is not null;
    }
}
