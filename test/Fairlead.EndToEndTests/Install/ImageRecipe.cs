using System.Text.Json;
using System.Text.RegularExpressions;
using Fairlead.Testing.Processes;

namespace Fairlead.EndToEndTests.Install;

/// <summary>The last stage of the Dockerfile.</summary>
internal sealed partial class ImageRecipe
{
    private readonly string[] _lines;

    public ImageRecipe()
    {
        var text = File.ReadAllText(Path.Combine(ExternalTools.RepositoryRoot(), "Dockerfile"));
        _lines = text[text.LastIndexOf("\nFROM ", StringComparison.Ordinal)..].Split('\n');
    }

    /// <summary>The server's path in the image.</summary>
    public string Program => List("ENTRYPOINT").Single();

    /// <summary>Its arguments, where nobody gives others.</summary>
    public string[] Arguments => List("CMD");

    /// <summary>User and group.</summary>
    public string User => Line("USER");

    /// <summary>The ports.</summary>
    public string[] Ports => Line("EXPOSE").Split(' ');

    /// <summary>The variables.</summary>
    public string[] Environment => [.. _lines.Select(static line => Instruction().Match(line)).Where(static match => match.Groups["name"].Value is "ENV").Select(static match => match.Groups["value"].Value)];

    private string[] List(string name) => JsonSerializer.Deserialize<string[]>(Line(name))!;

    private string Line(string name) =>
        _lines.Select(static line => Instruction().Match(line)).Single(match => string.Equals(match.Groups["name"].Value, name, StringComparison.Ordinal)).Groups["value"].Value;

    [GeneratedRegex("^(?<name>[A-Z]+) (?<value>.*)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Instruction();
}
