namespace Fairlead.Fuzz;

/// <summary>A parser under attack.</summary>
/// <param name="Name">Its name, also of its folder in the corpus.</param>
/// <param name="Attack">
/// Gives it an input and checks what has to hold, with whether the input was accepted. Everything that it throws is a finding.
/// </param>
internal sealed record FuzzTarget(string Name, Func<byte[], bool> Attack)
{
    // What one input may cost: a reader may copy it many times over, or read a file that it names to the bound of files (8 MiB, twice that as text), and no more.
    private const long LeastAllowed = 40L * 1024 * 1024;
    private const long AllowedPerByte = 16L * 1024;

    /// <summary>Runs one input.</summary>
    /// <returns>Whether it was accepted.</returns>
    /// <exception cref="FindingException">Something that has to hold does not.</exception>
    public bool Run(byte[] input)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var accepted = Attack(input);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Invariant.Holds(allocated <= LeastAllowed + (input.Length * AllowedPerByte), $"{input.Length} bytes made it allocate {allocated}");
        return accepted;
    }
}
