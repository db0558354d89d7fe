using System.Text.Json;
using Fairlead.Testing.Processes;

namespace Fairlead.EndToEndTests.Services;

/// <summary>A script of <c>test/clients</c>, run by Node.js.</summary>
internal static class Script
{
    /// <summary>Its path.</summary>
    public static string PathOf(string name) => Path.Combine(ExternalTools.RepositoryRoot(), "test", "clients", name);

    /// <summary>Runs one, expects success, and reads the JSON that it prints.</summary>
    public static async Task<JsonElement> RunAsync(string name, params string[] arguments)
    {
        var result = await ProcessRunner.RunAsync(ExternalTools.Node.Require(), ["--no-warnings", PathOf(name), .. arguments]);
        return JsonSerializer.Deserialize<JsonElement>(result.Succeeded().Output);
    }
}
