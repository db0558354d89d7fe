using Fairlead.FunctionalTests.Doors;

namespace Fairlead.FunctionalTests.BackstageDoor;

public sealed class LimitTests() : LimitCases(EitherDoor.Backstage);
