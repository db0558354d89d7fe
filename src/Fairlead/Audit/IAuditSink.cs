namespace Fairlead.Audit;

/// <summary>A place that records are written to. One writer at a time.</summary>
internal interface IAuditSink
{
    /// <summary>What the log calls it.</summary>
    string Name { get; }

    /// <summary>Writes lines. Where it throws, whatever it throws, the same lines come again until they are written: each record is written whole, and once.</summary>
    /// <param name="lines">Whole lines, each with its end.</param>
    ValueTask AppendAsync(ReadOnlyMemory<byte> lines);
}
