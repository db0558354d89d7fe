using Fairlead.Access;
using Fairlead.Callers;
using Fairlead.Configuration;
using Fairlead.Credentials;
using Fairlead.Credentials.Impersonation;
using Fairlead.Credentials.Minting;
using Fairlead.Forwarding;
using Fairlead.Kubernetes.Connections;
using Fairlead.Services;

namespace Fairlead.Clusters;

/// <summary>A cluster at run time: its definition and what was opened for it. It lives on across reloads while its definition stays the same.</summary>
internal sealed class Cluster : IDisposable
{
    private readonly ServiceIndex _index;

    /// <summary>Puts a cluster together; nothing is opened yet.</summary>
    public Cluster(ClusterDefinition definition, GatewayOptions options, Minters minters, NameResolver resolve, TimeProvider time, ILoggerFactory loggers)
    {
        Definition = definition;
        QualifiedName = definition.QualifiedName;
        Upstream = new ClusterUpstream(definition, options, time, loggers, resolve);
        Credentials = CredentialSource.For(definition.Credential, minters);
        Lookup = new ClusterLookup.Found(this);
        Contact = new ClusterContact(time);
        Api = new ClusterApi(Upstream, Credentials, options.Timeouts.ResponseHeaders, Contact);
        TokenOwners = new TokenOwners(Api, definition.Name, definition.Credential.HasAccount, time, loggers.CreateLogger<TokenOwners>());
        Impersonated = definition.Credential is CredentialDefinition.Impersonate impersonate ? new ImpersonatedCallers(impersonate.Rules) : null;
        Planned = PlannedCredentials.For(definition, Credentials, Api, time);
        Reviews = new AccessReviews(Api, Planned, definition.Name, options.Timeouts.ReviewedFor, time, loggers.CreateLogger<AccessReviews>());
        _index = new ServiceIndex(Api, definition.QualifiedName, time, loggers.CreateLogger<ServiceIndex>());
        Services = new ServiceDirectory(Api, Planned, _index, definition.Name, definition.Credential.HasAccount, time);
        ServiceUpstreams = new ServiceUpstreams(definition, options, new ApiServerAddresses(definition.Connection.Server, definition.Credential.HasAccount ? _index : null, definition.Credential.HasAccount ? () => ApiServerAddresses.AskAsync(Api) : null, resolve, time), resolve, time, loggers);
    }

    /// <summary>The definition.</summary>
    public ClusterDefinition Definition { get; }

    /// <summary>The name that no other cluster has, made once.</summary>
    public string QualifiedName { get; }

    /// <summary>The connections.</summary>
    public ClusterUpstream Upstream { get; }

    /// <summary>Whether its API server answers.</summary>
    public ClusterContact Contact { get; }

    /// <summary>The source of the gateway-held credential.</summary>
    public CredentialSource Credentials { get; }

    /// <summary>The answer of a look-up that finds this cluster.</summary>
    public ClusterLookup.Found Lookup { get; }

    /// <summary>The gateway's own calls of the API server.</summary>
    public ClusterApi Api { get; }

    /// <summary>As whom callers arrive; null where nobody is impersonated.</summary>
    public ImpersonatedCallers? Impersonated { get; }

    /// <summary>The credential for each plan.</summary>
    public PlannedCredentials Planned { get; }

    /// <summary>What callers may do, by the cluster's own word.</summary>
    public AccessReviews Reviews { get; }

    /// <summary>Whose tokens are, by the cluster's own word.</summary>
    public TokenOwners TokenOwners { get; }

    /// <summary>The cluster's Services.</summary>
    public ServiceDirectory Services { get; }

    /// <summary>The connections to Services, where the gateway is in the cluster's network.</summary>
    public ServiceUpstreams ServiceUpstreams { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _index.Dispose();
        ServiceUpstreams.Dispose();
        Upstream.Dispose();
    }
}
