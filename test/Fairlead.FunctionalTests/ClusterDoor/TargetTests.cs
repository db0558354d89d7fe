using Fairlead.FunctionalTests.BackstageDoor;
using Fairlead.FunctionalTests.Doors;

namespace Fairlead.FunctionalTests.ClusterDoor;

public sealed class TargetTests() : TargetCases(EitherDoor.Cluster);
