using Fairlead.FunctionalTests.BackstageDoor;
using Fairlead.FunctionalTests.Doors;

namespace Fairlead.FunctionalTests.ClusterDoor;

public sealed class ForwardingTests() : ForwardingCases(EitherDoor.Cluster);
