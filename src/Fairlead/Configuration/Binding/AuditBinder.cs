using Fairlead.Kubernetes.Documents;

namespace Fairlead.Configuration.Binding;

/// <summary><c>audit</c>.</summary>
internal static class AuditBinder
{
    private const int MostFiles = 100_000;
    private static readonly TimeSpan _longest = TimeSpan.FromHours(24 * 3660);

    public static AuditOptions Bind(Section root)
    {
        var defaults = new AuditOptions();
        if (root.Child("audit") is not { } audit)
        {
            return defaults;
        }

        var stdout = audit.Flag("stdout") ?? false;
        // A section that names no place would read as "auditing is on".
        if (!stdout && !audit.Has("file"))
        {
            audit.Missing("file", "; name one, or say stdout: true");
        }

        var options = new AuditOptions
        {
            File = audit.FilePath("file"),
            Stdout = stdout,
            MaxSize = IsUnlimited(audit, "maxSize") ? null : audit.Bytes("maxSize", 4096, long.MaxValue) ?? defaults.MaxSize,
            MaxFiles = IsUnlimited(audit, "maxFiles") ? null : (int?)audit.Number("maxFiles", 1, MostFiles) ?? defaults.MaxFiles,
            MaxAge = IsUnlimited(audit, "maxAge") ? null : audit.Duration("maxAge", TimeSpan.FromMinutes(1), _longest) ?? defaults.MaxAge,
            ForgetsWhenFull = audit.Choice("whenFull", "refuse", "forget") is "forget",
            Queue = (int?)audit.Number("queue", 16, 1_000_000) ?? defaults.Queue,
        };
        audit.Close();
        return options;
    }

    private static bool IsUnlimited(Section audit, string key) => audit.Node(key) is ScalarNode { Type: ScalarKind.Text, Text: "unlimited" };
}
