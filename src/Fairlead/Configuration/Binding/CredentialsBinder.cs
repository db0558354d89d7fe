using Fairlead.Kubernetes.ExecPlugins;

namespace Fairlead.Configuration.Binding;

/// <summary><c>credentials</c>: which credential plugins may be run, and how much of them.</summary>
internal static class CredentialsBinder
{
    private static readonly TimeSpan _shortest = TimeSpan.FromMilliseconds(100);

    // Less than MintingSource waits for anybody: a plugin that is ended for its own limit is reported as that.
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(55);

    public static ExecSettings Bind(Section root)
    {
        var defaults = new ExecSettings();
        if (root.Child("credentials") is not { } credentials)
        {
            return defaults;
        }

        var settings = credentials.Child("exec") is { } exec ? Settings(exec, defaults) : defaults;
        credentials.Close();
        return settings;
    }

    private static ExecSettings Settings(Section exec, ExecSettings defaults)
    {
        var settings = new ExecSettings
        {
            AllowedCommands = [.. (exec.Texts("allowedCommands") ?? []).Select(item => Command(item, exec.Context)).OfType<string>().Distinct(StringComparer.Ordinal)],
            Timeout = exec.Duration("timeout", _shortest, _longest) ?? defaults.Timeout,
            MaxOutput = (int?)exec.Number("maxOutput", 1024, 64 * 1024 * 1024) ?? defaults.MaxOutput,
        };
        exec.Close();
        return settings;
    }

    private static string? Command(TextItem item, BindingContext context)
    {
        if (!item.Value.Contains('/', StringComparison.Ordinal))
        {
            return item.Value;
        }

        if (Path.IsPathRooted(item.Value) && item.FullPath() is { } path)
        {
            return path;
        }

        context.Errors.Add(item.Path, "has to be a name without a slash, which PATH leads to, or an absolute path", item.Origin);
        return null;
    }
}
