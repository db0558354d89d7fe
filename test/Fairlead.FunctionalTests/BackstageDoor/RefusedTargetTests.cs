using Fairlead.FunctionalTests.Doors;

namespace Fairlead.FunctionalTests.BackstageDoor;

public sealed class RefusedTargetTests() : RefusedTargetCases(EitherDoor.Backstage);
