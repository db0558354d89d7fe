using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Security.Cryptography;

namespace Fairlead.Commands;

/// <summary>
/// Loads the whole program while the first requests come. The runtime opens the file of an assembly when the first method is run that names it, and remembers a failure for good: a
/// server that is short of file descriptors at that moment would lack a part of itself ever after (its audit trail, which stops it), although it only had to wait.
/// </summary>
internal static class LoadedProgram
{
    /// <summary>Loads everything that the program refers to, and the native library that hashes and TLS need.</summary>
    /// <exception cref="InvalidOperationException">A part of the program is there and cannot be loaded.</exception>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "A reference that trimming has taken away names nothing that could be loaded later.")]
    public static void Load()
    {
        var (seen, open) = (new HashSet<string>(StringComparer.Ordinal), new Stack<Assembly>([typeof(LoadedProgram).Assembly]));
        while (open.TryPop(out var assembly))
        {
            foreach (var name in assembly.GetReferencedAssemblies().Where(name => seen.Add(name.FullName)))
            {
                if (TryLoad(name) is { } loaded)
                {
                    open.Push(loaded);
                }
            }
        }

        SHA256.HashData([]);
    }

    /// <summary>Some libraries refer to others that are there on other systems only, and do without them here.</summary>
    private static Assembly? TryLoad(AssemblyName name)
    {
        try
        {
            return Assembly.Load(name);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (Exception exception) when (exception is IOException or BadImageFormatException)
        {
            throw new InvalidOperationException($"a part of the program cannot be loaded: {exception.Message}", exception);
        }
    }
}
