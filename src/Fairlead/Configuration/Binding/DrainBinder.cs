using Fairlead.Doors;

namespace Fairlead.Configuration.Binding;

/// <summary><c>drain</c>.</summary>
internal static class DrainBinder
{
    private static readonly TimeSpan _longest = TimeSpan.FromHours(24);
    private static readonly TimeSpan _usualDelay = TimeSpan.FromSeconds(5);

    /// <summary>Binds the section.</summary>
    /// <param name="root">The whole tree.</param>
    /// <param name="listen">The public listeners.</param>
    public static DrainOptions Bind(Section root, IReadOnlyList<Uri> listen)
    {
        // No load balancer stands in front of what only this machine reaches, and somebody at a terminal waits.
        var defaults = new DrainOptions { Delay = listen.All(static url => LoopbackName.Is(url.Host)) ? TimeSpan.Zero : _usualDelay };
        if (root.Child("drain") is not { } drain)
        {
            return defaults;
        }

        var options = new DrainOptions
        {
            Delay = drain.Duration("delay", TimeSpan.Zero, _longest) ?? defaults.Delay,
            Budget = drain.Duration("budget", TimeSpan.Zero, _longest) ?? defaults.Budget,
        };
        drain.Close();
        return options;
    }
}
