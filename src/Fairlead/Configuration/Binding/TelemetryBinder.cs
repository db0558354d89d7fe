using System.Buffers;
using System.Globalization;
using Fairlead.Kubernetes;
using Fairlead.Kubernetes.Documents;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Configuration.Binding;

/// <summary><c>telemetry</c>.</summary>
internal static class TelemetryBinder
{
    private const string Http = "http/protobuf";
    // RFC 9110 5.6.2.
    private static readonly SearchValues<char> _nameCharacters = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
    private static readonly TimeSpan _shortestInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longestInterval = TimeSpan.FromHours(1);

    public static TelemetryOptions Bind(Section root)
    {
        var defaults = new TelemetryOptions();
        if (root.Child("telemetry") is not { } telemetry)
        {
            return defaults;
        }

        telemetry.RequireValues("attributes");
        var options = new TelemetryOptions
        {
            Metrics = telemetry.Flag("metrics") ?? defaults.Metrics,
            Otlp = Otlp(telemetry),
            Sampling = Share(telemetry, "sampling") ?? defaults.Sampling,
            Stdout = telemetry.Flag("stdout") ?? defaults.Stdout,
            ServiceName = telemetry.Text("serviceName") ?? defaults.ServiceName,
            ServiceVersion = telemetry.Text("serviceVersion"),
            Attributes = ValueList.Of(telemetry.TextMap("attributes").Select(static pair => KeyValuePair.Create(pair.Key, pair.Value!)).ToArray()),
        };
        telemetry.Close();
        return options;
    }

    private static OtlpOptions? Otlp(Section telemetry)
    {
        if (telemetry.Child("otlp") is not { } otlp)
        {
            return null;
        }

        var endpoint = Endpoint(otlp);
        otlp.RequireValues("headers");
        var signals = otlp.OneOrMoreTexts("signals");
        foreach (var unknown in signals?.Where(static item => item.Value is not ("traces" or "metrics")) ?? [])
        {
            otlp.Context.Errors.Add(unknown.Path, "has to be one of traces, metrics", unknown.Origin);
        }

        var isHttp = otlp.Choice("protocol", "grpc", Http) is Http;
        var headers = Headers(otlp);
        var (caFile, interval) = (otlp.FilePath("caFile"), otlp.Duration("interval", _shortestInterval, _longestInterval));
        otlp.Close();
        return endpoint is null ? null : new OtlpOptions
        {
            Endpoint = endpoint,
            IsHttp = isHttp,
            Headers = headers,
            CaFile = caFile,
            Traces = signals is null || signals.Any(static item => item.Value is "traces"),
            Metrics = signals is null || signals.Any(static item => item.Value is "metrics"),
            Interval = interval ?? TimeSpan.FromSeconds(60),
        };
    }

    private static Uri? Endpoint(Section otlp)
    {
        if (otlp.RequiredText("endpoint") is not { } text)
        {
            return null;
        }

        // Headlamp's form is a host and a port.
        var url = text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text;
        if (Uri.TryCreate(url, UriKind.Absolute, out var endpoint) && endpoint is { Scheme: "http" or "https", UserInfo.Length: 0, Query.Length: 0, Fragment.Length: 0 })
        {
            return endpoint;
        }

        otlp.Error("endpoint", "has to be a URL such as http://otel-collector:4317, without a user and a query; credentials go into headers");
        return null;
    }

    private static ValueList<OtlpHeader> Headers(Section otlp)
    {
        var headers = new List<OtlpHeader>();
        foreach (var (name, value) in otlp.TextMap("headers"))
        {
            if (name.AsSpan().ContainsAnyExcept(_nameCharacters) || value!.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            {
                otlp.Error("headers", "holds a name or a value that no header can have");
                continue;
            }

            headers.Add(new OtlpHeader(name, new Secret(value!)));
        }

        return ValueList.Of(headers.ToArray());
    }

    private static double? Share(Section section, string key)
    {
        if (section.Node(key) is not { } node)
        {
            return null;
        }

        if (node is ScalarNode scalar && double.TryParse(scalar.Text.Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share) && share is >= 0 and <= 1)
        {
            return share;
        }

        section.Error(key, "has to be a number from 0 to 1, such as 0.1 for one trace in ten");
        return null;
    }
}
