using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Kubernetes.ExecPlugins;

/// <summary>What a credential plugin gave: a token, a client certificate, or both.</summary>
/// <param name="Token">The bearer token; null for none.</param>
/// <param name="Certificate">Certificate and key, which belong together; null for none.</param>
/// <param name="ExpiresAt">When the first of them ends; null where that is not known.</param>
public sealed record ExecCredential(Secret? Token, ClientCertificateSource? Certificate, DateTimeOffset? ExpiresAt);
