using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Fairlead.Kubernetes.Connections;

/// <summary>What is wrong with a server's certificate.</summary>
public enum ServerCertificateProblem
{
    /// <summary>No trusted authority has signed it.</summary>
    NotTrusted,

    /// <summary>It is for another host.</summary>
    WrongHost,

    /// <summary>It is not valid now.</summary>
    Expired,
}

/// <summary>A server's certificate was refused.</summary>
public sealed class ServerCertificateException : AuthenticationException
{
    /// <summary>Makes one.</summary>
    public ServerCertificateException()
    {
    }

    /// <summary>Makes one that says <paramref name="message"/>.</summary>
    public ServerCertificateException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one that says <paramref name="message"/> because of <paramref name="innerException"/>.</summary>
    public ServerCertificateException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Makes one of what the platform has found.</summary>
    public ServerCertificateException(SslPolicyErrors errors, X509Chain? chain)
        : base($"The server's certificate was refused: {errors}")
    {
        var status = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, static (all, one) => all | one.Status) ?? default;
        Problem = errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable)
            ? (status & ~X509ChainStatusFlags.NotTimeValid) == X509ChainStatusFlags.NoError && status != X509ChainStatusFlags.NoError
                ? ServerCertificateProblem.Expired
                : ServerCertificateProblem.NotTrusted
            : ServerCertificateProblem.WrongHost;
    }

    /// <summary>What is wrong.</summary>
    public ServerCertificateProblem Problem { get; }
}
