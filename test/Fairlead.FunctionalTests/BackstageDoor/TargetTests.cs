using Fairlead.FunctionalTests.Doors;

namespace Fairlead.FunctionalTests.BackstageDoor;

public sealed class TargetTests() : TargetCases(EitherDoor.Backstage);
