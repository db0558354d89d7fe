namespace Fairlead.Testing;

/// <summary>Closed until a test opens it: the far side waits at the gate until the near side has reported what has to come first.</summary>
public sealed class Gate
{
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether <see cref="Open"/> was called.</summary>
    public bool IsOpen => _opened.Task.IsCompleted;

    /// <summary>Lets everybody through, now and later.</summary>
    public void Open() => _opened.TrySetResult();

    /// <summary>Waits until the gate is open.</summary>
    public Task WaitAsync(CancellationToken cancellationToken = default) =>
        Guard.RunAsync("a gate that the test has to open", async token => await _opened.Task.WaitAsync(token), cancellationToken);
}
