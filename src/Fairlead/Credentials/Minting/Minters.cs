using System.Collections.Concurrent;
using Fairlead.Clusters;

namespace Fairlead.Credentials.Minting;

/// <summary>One source for each identity, however many clusters share it: they mint once, and a reload keeps what has been minted.</summary>
/// <param name="clusters">The clusters of the gateway, for credentials that are kept in one of them.</param>
/// <param name="time">The clock.</param>
/// <param name="loggers">The log.</param>
internal sealed class Minters(ClusterFinder clusters, TimeProvider time, ILoggerFactory loggers)
{
    // Weak: the clusters that use a source keep it alive, and nothing else does.
    private readonly Dictionary<CredentialDefinition, WeakReference<MintingSource>> _sources = [];
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, MintCounts> _counts = new(StringComparer.Ordinal);

    /// <summary>What was obtained, by the kind of credential.</summary>
    public IReadOnlyDictionary<string, MintCounts> Counts => _counts;

    /// <summary>The source of what <paramref name="definition"/> describes; null where nothing has to be minted for it.</summary>
    public CredentialSource? Find(CredentialDefinition definition) => MinterOf(definition) is { } minter ? Shared(definition, minter) : null;

    private MintingSource Shared(CredentialDefinition definition, Func<ICredentialMinter> minter)
    {
        lock (_lock)
        {
            if (_sources.TryGetValue(definition, out var known) && known.TryGetTarget(out var source))
            {
                return source;
            }

            foreach (var (gone, _) in _sources.Where(static pair => !pair.Value.TryGetTarget(out _)))
            {
                _sources.Remove(gone);
            }

            source = new MintingSource(minter(), time, loggers.CreateLogger<MintingSource>(), _counts.GetOrAdd(KindOf(definition), static _ => new MintCounts()));
            _sources[definition] = new WeakReference<MintingSource>(source);
            return source;
        }
    }

    private static string KindOf(CredentialDefinition definition) => definition switch
    {
        CredentialDefinition.CertificateSecret => "secret",
        CredentialDefinition.Aws => "aws",
        CredentialDefinition.Azure => "azure",
        CredentialDefinition.GoogleServiceAccount => "google",
        _ => "exec",
    };

    private Func<ICredentialMinter>? MinterOf(CredentialDefinition definition) => definition switch
    {
        CredentialDefinition.CertificateSecret secret => () => new SecretCertificateMinter(secret, clusters),
        CredentialDefinition.Aws aws => () => new AwsMinter(aws, time),
        CredentialDefinition.Azure => () => new AzureMinter(time),
        CredentialDefinition.GoogleServiceAccount google => () => new GoogleMinter(google),
        CredentialDefinition.Exec exec => () => new ExecMinter(exec, time),
        _ => null,
    };
}
