using Xunit;

namespace Fairlead.HostileTests;

/// <summary>Tests that measure the memory of the whole process, and so run alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MeasuredTests
{
    /// <summary>The collection's name.</summary>
    public const string Name = "measured";
}
