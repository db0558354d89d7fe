using System.Globalization;
using Fairlead.Audit;
using Fairlead.Clusters;
using Fairlead.Clusters.Sources;
using Fairlead.Configuration;
using Fairlead.Forwarding;
using Fairlead.Sessions;

namespace Fairlead.Management;

/// <summary>One thing that is looked at.</summary>
/// <param name="Name">Its name, with which it can be asked for alone.</param>
/// <param name="IsWell">Whether it is well.</param>
/// <param name="Text">What else there is to say, for the operator; empty for nothing.</param>
internal sealed record HealthCheck(string Name, bool IsWell, string Text = "")
{
    /// <summary>A line in the form of an API server's checks.</summary>
    public string Line => IsWell ? $"[+]{Name} ok{(Text.Length == 0 ? "" : $" ({Text})")}\n" : $"[-]{Name} failed: {Text}\n";
}

/// <summary>
/// What the operator may want to know of this process and of what it depends on. Only <c>ping</c> is about whether it lives and may get requests: no cluster, no source and no store takes a gateway
/// out of service, since another one would not reach them either.
/// </summary>
/// <param name="state">What is in force.</param>
/// <param name="remote">How sources over the network stand.</param>
/// <param name="reloads">How changes of the configuration have gone.</param>
/// <param name="audit">The audit trail.</param>
/// <param name="sessions">The store of sessions.</param>
/// <param name="time">The clock.</param>
internal sealed class HealthChecks(GatewayState state, RemoteSources remote, ReloadHistory reloads, AuditTrail audit, ISessionStore sessions, TimeProvider time)
{
    /// <summary>What can be asked of whether the process lives.</summary>
    public static IReadOnlyList<HealthCheck> Life { get; } = [new("ping", IsWell: true)];

    /// <summary>All there is to say.</summary>
    public IEnumerable<HealthCheck> All()
    {
        foreach (var check in Life)
        {
            yield return check;
        }

        yield return Configuration();
        if (audit.IsOn)
        {
            yield return audit.IsFailing
                ? new("audit", IsWell: false, string.Create(CultureInfo.InvariantCulture, $"records cannot be written, the log says why ({audit.Waiting} wait)"))
                : new("audit", IsWell: true);
        }

        if (sessions is MeasuredSessionStore { Count: null } shared)
        {
            yield return shared.IsUnavailable ? new("session-store", IsWell: false, "it did not answer when it was asked last") : new("session-store", IsWell: true);
        }

        var (options, catalog) = (state.Current.Options, state.Current.Catalog);
        foreach (var source in SourceState.All(options, catalog, remote))
        {
            yield return Of(source);
        }

        foreach (var cluster in catalog.Clusters)
        {
            yield return Of(cluster);
        }
    }

    private HealthCheck Configuration() => reloads.Last switch
    {
        ReloadResult.Succeeded => new("configuration", IsWell: true, string.Create(CultureInfo.InvariantCulture, $"generation {reloads.Generation}")),
        ReloadResult.Refused => new("configuration", IsWell: false, $"the last change has errors, which the log lists; what came into force {Ago(reloads.InForceSince)} serves on"),
        _ => new("configuration", IsWell: false, $"the last change could not be put into force, the log says why; what came into force {Ago(reloads.InForceSince)} serves on"),
    };

    private static HealthCheck Of(SourceState source)
    {
        var name = "source " + source.Name;
        return source.Failure is { } failure ? new(name, IsWell: false, $"{failure} ({source.Count} as before)")
            : source.Problems.Count > 0 ? new(name, IsWell: true, string.Create(CultureInfo.InvariantCulture, $"{source.Count}, {source.Problems.Count} {(source.Problems.Count == 1 ? "problem" : "problems")}"))
            : new(name, IsWell: true, source.Count);
    }

    /// <summary>Whether a cluster answers those who ask it; nobody asks for this.</summary>
    private HealthCheck Of(Cluster cluster)
    {
        var (name, contact, source) = ("cluster " + cluster.QualifiedName, cluster.Contact, cluster.Definition.Locator);
        var answered = contact.ReachedAt is { } at ? $"answered {Ago(at)}" : "not asked yet";
        return contact is { IsFailing: true, Last: { } failing }
            ? new(name, IsWell: false, $"{UpstreamFailure.Words(failing.Reason)} {Ago(failing.At)}; {(contact.ReachedAt is null ? "it has never answered" : answered)}; source {source}")
            : new(name, IsWell: true, $"{answered}{(contact.Last is { } last ? $"; failed {Ago(last.At)}: {UpstreamFailure.Words(last.Reason)}" : "")}; source {source}");
    }

    private string Ago(DateTimeOffset then) => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, (long)(time.GetUtcNow() - then).TotalSeconds)} s ago");
}
