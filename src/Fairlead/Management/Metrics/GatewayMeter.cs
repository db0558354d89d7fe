using System.Diagnostics.Metrics;
using Fairlead.Commands;

namespace Fairlead.Management.Metrics;

/// <summary>The gateway's own meter.</summary>
/// <param name="factory">Makes it; it ends with the gateway.</param>
internal sealed class GatewayMeter(IMeterFactory factory)
{
    /// <summary>Its name.</summary>
    public const string Name = "Fairlead";

    /// <summary>The meter.</summary>
    public Meter Meter { get; } = factory.Create(Name, ProductVersion.Text);
}
