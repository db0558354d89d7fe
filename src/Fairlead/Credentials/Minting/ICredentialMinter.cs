namespace Fairlead.Credentials.Minting;

/// <summary>Obtains a credential from somebody who issues them: a cloud, a plugin, a Secret. Called by one at a time; what it gives is kept by <see cref="MintingSource"/>.</summary>
internal interface ICredentialMinter
{
    /// <summary>Obtains a new credential.</summary>
    /// <exception cref="CredentialException">There is none to be had; the message is for the operator.</exception>
    Task<MintedCredential> MintAsync(CancellationToken cancellationToken);
}

/// <summary>A credential and how long it is good for.</summary>
/// <param name="Credential">The credential.</param>
/// <param name="ExpiresAt">When it ends; null where that is not known.</param>
/// <param name="RenewAfter">How long after it was obtained it is renewed in the background; null for a while before it ends, and never where that is not known.</param>
internal sealed record MintedCredential(UpstreamCredential.Minted Credential, DateTimeOffset? ExpiresAt, TimeSpan? RenewAfter = null);

/// <summary>No credential could be obtained. The message is for the operator's log: it names keys, files and reasons, never a secret nor what an issuer or a plugin has printed.</summary>
internal sealed class CredentialException : Exception
{
    /// <summary>Makes one that says <paramref name="message"/>.</summary>
    public CredentialException(string message)
        : base(message)
    {
    }

    /// <summary>Whether there is to be none: it was taken away. Otherwise the issuer is only away, and the last credential is used for as long as it is good.</summary>
    public bool IsTakenAway { get; init; }

    /// <summary>Makes one that says <paramref name="message"/> because of <paramref name="innerException"/>.</summary>
    public CredentialException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
