using System.Text;

namespace Fairlead.Kubernetes.Connections;

/// <summary>The name that a cluster's certificate is checked against, which the request's Host carries too.</summary>
public static class ServerName
{
    /// <summary>What is wrong with one that cannot be used.</summary>
    public const string Rule = "has to be a host name, such as stands in the cluster's certificate";

    /// <summary>Whether <paramref name="name"/> can be used.</summary>
    public static bool IsUsable(string name) => Ascii.IsValid(name) && Uri.CheckHostName(name) is UriHostNameType.Dns or UriHostNameType.IPv4;
}
