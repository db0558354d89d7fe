using Fairlead.FunctionalTests.BackstageDoor;
using Fairlead.FunctionalTests.Doors;
using Xunit;

namespace Fairlead.FunctionalTests.ClusterDoor;

[Collection(MemoryTests.Name)]
public sealed class LargeBodyTests() : LargeBodyCases(EitherDoor.Cluster);
