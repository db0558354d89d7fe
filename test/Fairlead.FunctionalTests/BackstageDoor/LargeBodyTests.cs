using Fairlead.FunctionalTests.Doors;
using Xunit;

namespace Fairlead.FunctionalTests.BackstageDoor;

[Collection(MemoryTests.Name)]
public sealed class LargeBodyTests() : LargeBodyCases(EitherDoor.Backstage);
