using Fairlead.FunctionalTests.Doors;

namespace Fairlead.FunctionalTests.BackstageDoor;

public sealed class MethodTests() : MethodCases(EitherDoor.Backstage);
