using System.Globalization;
using AwesomeAssertions;
using Fairlead.Management.Metrics;
using Xunit;

namespace Fairlead.Tests.Management;

public sealed class ClusterSeriesTests
{
    [Fact]
    public void T74_Clusters_that_come_and_go_end_up_in_one_series()
    {
        var series = new ClusterSeries();

        var labels = Enumerable.Range(0, 10_000).Select(i => series.Of(string.Create(CultureInfo.InvariantCulture, $"config/c{i}"))).ToArray();

        labels.Distinct(StringComparer.Ordinal).Should().HaveCount(ClusterSeries.Most + 1);
        labels.Skip(ClusterSeries.Most).Should().AllBe(ClusterSeries.Other);
        series.Of("config/c7").Should().Be("config/c7", "the first ones keep theirs");
        series.Of(null).Should().Be(MetricTags.None);
    }
}
