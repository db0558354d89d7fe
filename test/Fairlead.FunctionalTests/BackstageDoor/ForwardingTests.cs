using Fairlead.FunctionalTests.Doors;

namespace Fairlead.FunctionalTests.BackstageDoor;

public sealed class ForwardingTests() : ForwardingCases(EitherDoor.Backstage);
