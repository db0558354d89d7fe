using System.Globalization;
using Fairlead.Kubernetes.Resources;

namespace Fairlead.Services;

/// <summary>Which port of a Service is meant, and what is spoken there (contract <c>headlamp.md</c> F12 to F14).</summary>
internal static class PortChoice
{
    /// <summary>The port; null with a refusal that lists the declared ones.</summary>
    /// <param name="service">The Service.</param>
    /// <param name="asked">The port's name or number; null where nobody said.</param>
    /// <param name="refusal">The refusal, when the result is null.</param>
    public static ServicePort? Find(Service service, string? asked, out Refusal? refusal)
    {
        refusal = null;
        var ports = (service.Spec.Ports ?? []).Where(static port => string.Equals(port.Protocol, "TCP", StringComparison.OrdinalIgnoreCase)).ToArray();
        var found = asked is null ? Implicit(ports) : Explicit(ports, asked);
        if (found is null)
        {
            refusal = new Refusal(
                RefusalReason.PortNotFound,
                $"services \"{service.Metadata.Name}\" {(asked is null ? "has several ports and none that is chosen by itself; name one with ?port=" : HasNo(asked))}; declared: {List(ports)}");
        }

        return found;
    }

    /// <summary>The scheme that goes with a port where nobody said.</summary>
    public static string SchemeOf(ServicePort port) =>
        port.Name is "https" || port.Name.StartsWith("https-", StringComparison.Ordinal)
        || IsProtocol(port, "https") || (port.Name.Length == 0 && port.Port == 443)
            ? "https" : "http";

    /// <summary>Repeats what could be a port's name, and nothing else that somebody may have written there.</summary>
    private static string HasNo(string asked) =>
        asked.Length <= 63 && asked.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-') ? $"has no port '{asked}'" : "has no port of that name or number";

    private static ServicePort? Explicit(ServicePort[] ports, string asked) =>
        Array.Find(ports, port => string.Equals(port.Name, asked, StringComparison.Ordinal))
        ?? (int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? Array.Find(ports, port => port.Port == number) : null);

    private static ServicePort? Implicit(ServicePort[] ports) =>
        Array.Find(ports, static port => port.Name is "https")
        ?? Array.Find(ports, static port => port.Name is "http")
        ?? Array.Find(ports, static port => IsProtocol(port, "https"))
        ?? Array.Find(ports, static port => IsProtocol(port, "http"))
        ?? (ports.Length == 1 ? ports[0] : null);

    private static bool IsProtocol(ServicePort port, string protocol) => string.Equals(port.AppProtocol, protocol, StringComparison.OrdinalIgnoreCase);

    private static string List(ServicePort[] ports) => ports.Length == 0 ? "none" : string.Join(", ", ports.Select(static port =>
        port.Name.Length == 0 ? port.Port.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{port.Name} ({port.Port})")));
}
