using Fairlead.Credentials.Minting;
using Fairlead.Testing;

namespace Fairlead.Tests.Credentials.Minting;

/// <summary>Gives what a test says, and counts. What was said last goes on.</summary>
internal sealed class ScriptedMinter : ICredentialMinter
{
    private volatile Func<Task<MintedCredential>> _next = static () => throw new InvalidOperationException("nothing was said");
    private int _calls;

    public int Calls => Volatile.Read(ref _calls);

    public Task<MintedCredential> MintAsync(CancellationToken cancellationToken)
    {
        var given = _next();
        Interlocked.Increment(ref _calls);
        return given;
    }

    public void Gives(MintedCredential credential) => Gives(() => credential);

    public void Gives(Func<MintedCredential> credential) => _next = () => Task.FromResult(credential());

    public void Fails(string problem) => Throws(new CredentialException(problem));

    public void Throws(Exception exception) => _next = () => Task.FromException<MintedCredential>(exception);

    /// <summary>The next call waits until the test says what it gives.</summary>
    public TaskCompletionSource<MintedCredential> Hold()
    {
        var pending = new TaskCompletionSource<MintedCredential>(TaskCreationOptions.RunContinuationsAsynchronously);
        _next = () => pending.Task;
        return pending;
    }

    public Task WaitForCallsAsync(int count) => Eventually.BeTrueAsync(() => Calls >= count, "the minter is called");
}
