using Xunit;

namespace Fairlead.HostileTests.Streams;

/// <summary>Tests that measure the memory of the whole process, and so run alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MemoryTests
{
    /// <summary>The collection's name.</summary>
    public const string Name = "memory of streams";

    /// <summary>What may gather on the way of a stream, with everything that the test itself holds: a gateway that kept what it passes on would hold many times as much.</summary>
    public const long Growth = 24 * 1024 * 1024;
}
