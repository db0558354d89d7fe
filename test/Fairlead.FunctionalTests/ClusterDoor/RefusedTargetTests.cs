using Fairlead.FunctionalTests.BackstageDoor;
using Fairlead.FunctionalTests.Doors;

namespace Fairlead.FunctionalTests.ClusterDoor;

public sealed class RefusedTargetTests() : RefusedTargetCases(EitherDoor.Cluster);
