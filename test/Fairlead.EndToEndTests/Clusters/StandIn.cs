namespace Fairlead.EndToEndTests.Clusters;

internal static class StandIn { public static Task<ClusterUnderTest> StartAsync() => throw new InvalidOperationException("not yet"); }
