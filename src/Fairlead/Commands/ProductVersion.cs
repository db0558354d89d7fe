using System.Reflection;

namespace Fairlead.Commands;

/// <summary>The version of this build, from the one place that sets it (<c>Directory.Build.props</c>).</summary>
internal static class ProductVersion
{
    /// <summary>The version.</summary>
    public static string Text { get; } =
        typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
