using Fairlead.FunctionalTests.BackstageDoor;
using Fairlead.FunctionalTests.Doors;

namespace Fairlead.FunctionalTests.ClusterDoor;

public sealed class MethodTests() : MethodCases(EitherDoor.Cluster);
