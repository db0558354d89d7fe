using Xunit;

namespace Fairlead.FunctionalTests;

/// <summary>Tests of what is the same for all gateways of a process, such as its meters: they run alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneTests
{
    /// <summary>The collection's name.</summary>
    public const string Name = "alone";
}
