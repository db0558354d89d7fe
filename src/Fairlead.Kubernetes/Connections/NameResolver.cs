using System.Net;
using System.Net.Sockets;

namespace Fairlead.Kubernetes.Connections;

/// <summary>Resolves a host name. Replaced in tests.</summary>
/// <param name="host">The name.</param>
/// <param name="cancellationToken">Ends the wait.</param>
/// <exception cref="SocketException">There is no such name, or nobody to ask.</exception>
public delegate Task<IPAddress[]> NameResolver(string host, CancellationToken cancellationToken);
