using Fairlead.Configuration;
using Fairlead.Configuration.Binding;

namespace Fairlead.Commands;

/// <summary>What <c>serve</c> and <c>check</c> were told on the command line and by <c>HEADLAMP_CONFIG_*</c>.</summary>
/// <param name="ConfigFiles"><c>--config</c>, left to right.</param>
/// <param name="Values">The flags of the command line by name; an empty value of a boolean is true.</param>
internal sealed record ServeArguments(IReadOnlyList<string> ConfigFiles, IReadOnlyDictionary<string, string> Values)
{
    private const string Loopback = "127.0.0.1";
    private const string AnyAddress = "0.0.0.0";
    private const string DefaultPort = "8080";
    private const string DefaultCollector = "localhost:4317";

    /// <summary>Reads the configuration that they ask for.</summary>
    /// <param name="environment">The environment.</param>
    public ConfigurationResult Read(IReadOnlyDictionary<string, string> environment)
    {
        var flags = new GivenFlags(Values, environment);
        var errors = new List<ConfigurationError>();
        var overrides = Overrides(flags, environment, errors);
        var result = ConfigurationLoader.Load(ConfigFiles, environment, overrides);
        if (errors.Count > 0 || result.Options is not { } options)
        {
            return result with { Options = null, Errors = [.. errors, .. result.Errors] };
        }

        return result with
        {
            Options = options with { InsecureSkipTlsVerify = flags.IsOn("insecure-ssl"), Notices = [.. options.Notices, .. Notices(flags)] },
        };
    }

    private static IEnumerable<string> Notices(GivenFlags flags)
    {
        var given = HeadlampFlags.All.Select(flag => (Flag: flag, Given: flags.Find(flag))).Where(static pair => pair.Given is not null).ToArray();
        foreach (var (effect, text) in new[]
        {
            (FlagEffect.Traces, "have no effect without --tracing-enabled"),
            (FlagEffect.None, "are accepted and have no effect here"),
        })
        {
            // Their names only.
            var names = given.Where(pair => pair.Flag.Effect == effect && !(effect is FlagEffect.Traces && flags.IsOn("tracing-enabled"))).Select(static pair => pair.Given!.Value.Origin).ToArray();
            if (names.Length > 0)
            {
                yield return $"{string.Join(", ", names)} {text}";
            }
        }

        if (flags.IsOn("insecure-ssl"))
        {
            yield return $"{flags.OriginOf("insecure-ssl")} is on, so anybody on the way can pretend to be any of the clusters";
        }
    }

    private List<ConfigurationOverride> Overrides(GivenFlags flags, IReadOnlyDictionary<string, string> environment, List<ConfigurationError> errors)
    {
        var overrides = new List<ConfigurationOverride>();
        foreach (var flag in HeadlampFlags.All)
        {
            if (flags.Find(flag) is not var (value, origin))
            {
                continue;
            }

            if (flag.Effect is FlagEffect.Key)
            {
                overrides.Add(ConfigurationOverride.Value(flag.Text, value, origin));
            }
            else if (flag.Effect is FlagEffect.Refused && !(flag.IsBoolean && GivenFlags.IsFalse(value)))
            {
                errors.Add(new ConfigurationError("", $"{origin} is not offered: {flag.Text}", null));
            }
        }

        if (flags.IsOn("oidc-use-access-token"))
        {
            overrides.Add(ConfigurationOverride.Value("auth.oidc.clusterToken", "access_token", flags.OriginOf("oidc-use-access-token")));
        }

        AddListen(flags, overrides);
        AddTraces(flags, overrides);
        AddSources(flags, environment, overrides);
        return overrides;
    }

    private void AddListen(GivenFlags flags, List<ConfigurationOverride> overrides)
    {
        var (address, port) = (flags.Text("listen-addr"), flags.Text("port"));
        var isTls = flags.Text("tls-cert-path") is not null;
        var isInCluster = flags.IsOn("in-cluster");
        if (address is null && port is null && !isTls && !(isInCluster && ConfigFiles.Count == 0))
        {
            return;
        }

        address ??= isInCluster ? AnyAddress : Loopback;
        var host = address.Length == 0 ? AnyAddress : address.Contains(':', StringComparison.Ordinal) ? $"[{address.Trim('[', ']')}]" : address;
        var origin = flags.OriginOf(port is not null ? "port" : flags.Text("listen-addr") is not null ? "listen-addr" : isTls ? "tls-cert-path" : "in-cluster");
        overrides.Add(ConfigurationOverride.Value("listen", $"{(isTls ? "https" : "http")}://{host}:{port ?? DefaultPort}", origin));
    }

    /// <summary>As Headlamp: the flag switches them on, the others say where they go. Its collector gets no metrics.</summary>
    private static void AddTraces(GivenFlags flags, List<ConfigurationOverride> overrides)
    {
        const string Flag = "tracing-enabled";
        if (!flags.IsOn(Flag))
        {
            return;
        }

        var endpoint = flags.Text("otlp-endpoint");
        var isStdout = flags.IsOn("stdout-trace-enabled");
        if (isStdout)
        {
            overrides.Add(ConfigurationOverride.Value("telemetry.stdout", "true", flags.OriginOf("stdout-trace-enabled")));
        }

        if (endpoint is not null || !isStdout)
        {
            var origin = flags.OriginOf(endpoint is null ? Flag : "otlp-endpoint");
            overrides.Add(ConfigurationOverride.Value("telemetry.otlp.endpoint", endpoint ?? DefaultCollector, origin));
            overrides.Add(ConfigurationOverride.Value("telemetry.otlp.signals", "traces", origin));
            overrides.Add(ConfigurationOverride.Value("telemetry.otlp.protocol", flags.IsOn("use-otlp-http") ? "http/protobuf" : "grpc", origin));
        }
    }

    private void AddSources(GivenFlags flags, IReadOnlyDictionary<string, string> environment, List<ConfigurationOverride> overrides)
    {
        var files = new List<string>();
        var origin = "--kubeconfig";
        foreach (var name in new[] { "kubeconfig", "kubeconfig-dir" })
        {
            if (flags.Text(name) is { } value)
            {
                origin = flags.OriginOf(name);
                files.AddRange(name is "kubeconfig" ? value.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries) : [value]);
            }
        }

        string[] skipped = flags.Text("skipped-kube-contexts")?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
        if (skipped.Length > 0 && files.Count == 0 && ConfigFiles.Count == 0 && !flags.IsOn("in-cluster"))
        {
            origin = flags.OriginOf("skipped-kube-contexts");
            files.AddRange(KubeconfigLocatorBinder.DefaultPaths(environment, Environment.CurrentDirectory));
        }

        if (files.Count > 0)
        {
            overrides.Add(ConfigurationOverride.Kubeconfig(string.Join(Path.PathSeparator, files), origin, skipped));
        }

        if (flags.IsOn("in-cluster"))
        {
            overrides.Add(ConfigurationOverride.InCluster(flags.OriginOf("in-cluster"), flags.Text("in-cluster-context-name")));
        }
    }
}
