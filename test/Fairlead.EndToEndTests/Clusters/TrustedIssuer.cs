namespace Fairlead.EndToEndTests.Clusters;

/// <summary>An OpenID provider whose ID tokens a real kube-apiserver takes, and what it reads from them.</summary>
/// <param name="Issuer">The issuer, exactly as it stands in tokens; the API server has to reach it, with https.</param>
/// <param name="ClientId">The audience.</param>
/// <param name="AuthorityFile">The authority of its certificate.</param>
internal sealed record TrustedIssuer(string Issuer, string ClientId, string AuthorityFile)
{
    /// <summary>The claim with the name, which gets no prefix.</summary>
    public string UsernameClaim { get; init; } = "preferred_username";

    /// <summary>
    /// The flags of the API server, for <see cref="KubeApiServer.StartAsync"/>. It fetches the keys on its own time: the first requests may get 401.
    /// </summary>
    public IReadOnlyList<string> Flags =>
    [
        $"--oidc-issuer-url={Issuer}", $"--oidc-client-id={ClientId}", $"--oidc-ca-file={AuthorityFile}",
        $"--oidc-username-claim={UsernameClaim}", "--oidc-username-prefix=-", "--oidc-groups-claim=groups",
    ];
}
