using System.Collections.Frozen;
using Fairlead.Clusters.Sources;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Documents;

namespace Fairlead.Clusters;

/// <summary>What all sources give together, under the names that the configuration gives to their clusters.</summary>
/// <param name="Definitions">The clusters; no two have the same qualified name.</param>
/// <param name="Problems">What is wrong with sources, and which clusters are left out for their names.</param>
/// <param name="Files">The files that they were read from.</param>
internal sealed record FoundClusters(IReadOnlyList<ClusterDefinition> Definitions, IReadOnlyList<(string Source, string Problem)> Problems, IReadOnlyList<SourceFile> Files)
{
    /// <summary>Asks every source.</summary>
    /// <param name="options">The configuration.</param>
    /// <param name="sources">Reads sources on this machine.</param>
    /// <param name="remote">What the others have said.</param>
    /// <param name="lastRead">What sources on this machine gave the last time, which is kept up to date here: what cannot be read for the moment stands as it was.</param>
    public static FoundClusters By(GatewayOptions options, ClusterSources sources, RemoteSources remote, Dictionary<ClusterLocator, ClusterSourceResult> lastRead)
    {
        var names = options.ClusterLocators.Select(static locator => locator.Name).ToArray();
        var isComplete = true;
        var definitions = new List<(string Source, ClusterDefinition Definition)>();
        var problems = new List<(string, string)>();
        var files = new List<SourceFile>();
        var foreign = new HashSet<string>(StringComparer.Ordinal);
        foreach (var locator in options.ClusterLocators)
        {
            var over = locator as ClusterLocator.Remote;
            var (hasAnswered, read) = over is not null ? (remote.StateOf(over)?.Result is not null, remote.Find(over)) : ReadAgain(locator, sources, lastRead);

            // One that says of no portal never will.
            isComplete &= hasAnswered || over is ClusterLocator.BackstageCatalog { Url: null };
            if (hasAnswered)
            {
                problems.AddRange(UnusedAliases(locator, read).Select(problem => (locator.Name, problem)));
            }

            problems.AddRange(read.Problems.Select(problem => (locator.Name, problem)));
            files.AddRange(read.Files);
            foreach (var definition in read.Clusters)
            {
                var named = Renamed(definition, locator);
                if (ReferenceEquals(named, definition) && (over is not null ? !ClusterNames.IsPlain(definition.Name) : definition.Scope is not null && names.Any(name => ClusterNames.IsBelow(name, definition.Name))))
                {
                    // Who may write to such a source could otherwise give a cluster the qualified name of another, or what a rule calls a whole source.
                    problems.Add((locator.Name, $"the cluster '{NodePath.Printable(definition.QualifiedName)}' is not served: its name holds '/' or '--', which part qualified names; aliases give it another name"));
                }
                else
                {
                    definitions.Add((locator.Name, over is { AllowsGatewayCredentials: false } ? WithoutGatewayCredential(named) : named));
                    if (over is { AllowsGatewayCredentials: false })
                    {
                        foreign.Add(named.QualifiedName);
                    }
                }
            }
        }

        foreach (var gone in lastRead.Keys.Except(options.ClusterLocators.Select(Plain)).ToArray())
        {
            lastRead.Remove(gone);
        }

        return new FoundClusters(Distinct(definitions, problems), problems, files) { FullNameOnly = isComplete ? FrozenSet<string>.Empty : foreign.ToFrozenSet(StringComparer.Ordinal) };
    }

    /// <summary>
    /// Qualified names of clusters that go by nothing shorter for now: of sources that others write to, while another source has not said yet what its clusters are called. Their names would
    /// be taken meanwhile.
    /// </summary>
    public FrozenSet<string> FullNameOnly { get; init; } = FrozenSet<string>.Empty;

    /// <summary>Reads a source on this machine; what cannot be read now stands as it was, unless the source is another one since.</summary>
    private static (bool HasAnswered, ClusterSourceResult Read) ReadAgain(ClusterLocator locator, ClusterSources sources, Dictionary<ClusterLocator, ClusterSourceResult> lastRead)
    {
        var (fresh, before) = (sources(locator), lastRead.GetValueOrDefault(Plain(locator)));
        var read = lastRead[Plain(locator)] = fresh.WithUnreadOf(before);
        return (fresh.Unread.Count == 0 || before is not null, read);
    }

    private static ClusterLocator Plain(ClusterLocator locator) => locator with { Prefix = "", Aliases = [] };

    /// <summary>
    /// Neither a token of the gateway's cloud identity nor a caller's login goes to a server of somebody else's choice: the first is good for every cluster of that identity (Google's for everything
    /// else too), the second wherever the identity provider is trusted. Callers may still bring a token for such a cluster themselves.
    /// </summary>
    private static ClusterDefinition WithoutGatewayCredential(ClusterDefinition definition) =>
        definition.Credential is CredentialDefinition.ClientSide own ? definition with { Credential = own with { TakesIssuedTokens = false } }
        : definition.Credential is CredentialDefinition.Aws or CredentialDefinition.Azure or CredentialDefinition.GoogleServiceAccount
            ? definition with
            {
                Credential = new CredentialDefinition.Unavailable(
                    definition.Credential.ReportedProvider,
                    $"{definition.Credential.ReportedProvider} would show a token of the gateway's own cloud identity to a server that whoever writes to this source names; where all of them are trusted with it, set dangerouslyAllowGatewayCredentials: true at the source, else describe the cluster in a source of type config"),
            }
            : definition;

    private static ClusterDefinition Renamed(ClusterDefinition definition, ClusterLocator locator)
    {
        // The longer form, with the scope, says more.
        foreach (var (_, name) in locator.Aliases.Where(alias => IsMeant(alias.Key, definition)).OrderBy(alias => string.Equals(alias.Key, definition.Name, StringComparison.Ordinal)))
        {
            return definition with { Name = name };
        }

        return locator.Prefix.Length == 0 || (definition.Scope is not null && !ClusterNames.IsPlain(definition.Name)) ? definition : definition with { Name = locator.Prefix + definition.Name };
    }

    /// <summary>Where a source has scopes, a name that looks like one with a scope is not taken for it.</summary>
    private static bool IsMeant(string source, ClusterDefinition definition) =>
        string.Equals(source, $"{definition.Scope}/{definition.Name}", StringComparison.Ordinal)
        || ((definition.Scope is null || ClusterNames.IsPlain(definition.Name)) && string.Equals(source, definition.Name, StringComparison.Ordinal));

    private static IEnumerable<string> UnusedAliases(ClusterLocator locator, ClusterSourceResult read) => locator.Aliases
        .Where(alias => !read.Clusters.Any(definition => IsMeant(alias.Key, definition)))
        .Select(static alias => $"aliases: it has no cluster '{NodePath.Printable(alias.Key)}'");

    /// <summary>Leaves out who shares a qualified name: nobody could say which one is meant.</summary>
    private static IReadOnlyList<ClusterDefinition> Distinct(List<(string Source, ClusterDefinition Definition)> all, List<(string Source, string Problem)> problems)
    {
        var named = all.ToLookup(static one => one.Definition.QualifiedName, StringComparer.Ordinal);
        foreach (var shared in named.Where(static group => group.Count() > 1))
        {
            problems.Add((shared.First().Source, $"several clusters are called '{NodePath.Printable(shared.Key)}', and none of them is served; give them different names, by aliases where the source cannot"));
        }

        return [.. all.Select(static one => one.Definition).Where(one => named[one.QualifiedName].Count() == 1)];
    }
}
