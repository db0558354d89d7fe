using Fairlead.FunctionalTests.Doors;

namespace Fairlead.FunctionalTests.BackstageDoor;

public sealed class TargetFormTests() : TargetFormCases(EitherDoor.Backstage);
