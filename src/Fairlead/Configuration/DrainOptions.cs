namespace Fairlead.Configuration;

/// <summary>How the gateway stops (<c>drain</c>). Both together, and ten seconds for the last words, are what a supervisor has to grant.</summary>
internal sealed record DrainOptions
{
    /// <summary>How long new connections are taken after the signal, until load balancers have noticed (<c>drain.delay</c>); by default none where only this machine can connect.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.Zero;

    /// <summary>How long what is open may go on after that (<c>drain.budget</c>).</summary>
    public TimeSpan Budget { get; init; } = TimeSpan.FromSeconds(15);
}
