namespace Fairlead.Kubernetes.Connections;

/// <summary>A cluster that may be at public addresses only is at another one. The message names none.</summary>
public sealed class NotPublicAddressException : Exception
{
    /// <summary>Makes one.</summary>
    public NotPublicAddressException()
        : base("the cluster points to an address that is not public")
    {
    }

    /// <summary>Makes one that says <paramref name="message"/>.</summary>
    public NotPublicAddressException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one that says <paramref name="message"/> because of <paramref name="innerException"/>.</summary>
    public NotPublicAddressException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
