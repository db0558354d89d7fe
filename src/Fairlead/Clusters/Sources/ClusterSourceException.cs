namespace Fairlead.Clusters.Sources;

/// <summary>A source as a whole cannot be read. The message is for the operator: what was asked, what came back, which key mends it; never a secret.</summary>
internal sealed class ClusterSourceException : Exception
{
    /// <summary>Makes one that says <paramref name="message"/>.</summary>
    public ClusterSourceException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one that says <paramref name="message"/> because of <paramref name="innerException"/>.</summary>
    public ClusterSourceException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
