using System.Net;
using Fairlead.Kubernetes.Connections;

namespace Fairlead.Configuration.Binding;

/// <summary><c>serviceProxy</c>: the service door (contract <c>headlamp.md</c> section 7).</summary>
internal static class ServiceProxyBinder
{
    private static readonly TimeSpan _shortest = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan _longest = TimeSpan.FromHours(24);

    public static ServiceProxyOptions Bind(Section root)
    {
        var defaults = new ServiceProxyOptions();
        if (root.Child("serviceProxy") is not { } proxy)
        {
            return defaults;
        }

        var options = new ServiceProxyOptions
        {
            Enabled = proxy.Flag("enabled") ?? true,
            DefaultCluster = proxy.Text("defaultCluster"),
            Transport = Transport(proxy) ?? defaults.Transport,
            Authorization = Authorization(proxy) ?? defaults.Authorization,
            RequiresOnlyGet = proxy.Choice("requires", "services/proxy", "services/get") is "services/get",
            ExternalNames = Names(proxy),
            AllowedAddresses = Ranges(proxy),
            ClusterDomain = proxy.Text("clusterDomain")?.Trim('.') ?? defaults.ClusterDomain,
            HeadersTimeout = proxy.Duration("headersTimeout", _shortest, _longest) ?? defaults.HeadersTimeout,
            Services = [.. (proxy.Children("services") ?? []).Select(Service).OfType<ServiceOptions>()],
        };
        if (Uri.CheckHostName(options.ClusterDomain) is not UriHostNameType.Dns)
        {
            proxy.Error("clusterDomain", "has to be a DNS domain such as cluster.local");
        }

        Twice(proxy, options.Services);
        proxy.Close();
        return options;
    }

    private static void Twice(Section proxy, IReadOnlyList<ServiceOptions> services)
    {
        foreach (var twice in services.GroupBy(static one => (one.Cluster, one.Namespace, one.Name)).Where(static group => group.Count() > 1))
        {
            proxy.Error("services", $"holds {twice.Key.Namespace}/{twice.Key.Name} of cluster {twice.Key.Cluster} more than once");
        }

        foreach (var twice in services.Where(static one => one.Host is not null).GroupBy(static one => one.Host, StringComparer.Ordinal).Where(static group => group.Count() > 1))
        {
            proxy.Error("services", $"gives the host {twice.Key} to several Services");
        }
    }

    private static TransportChoice? Transport(Section section) => section.Choice("transport", "auto", "direct", "apiserver") switch
    {
        "auto" => TransportChoice.Auto,
        "direct" => TransportChoice.Direct,
        "apiserver" => TransportChoice.ApiServer,
        _ => null,
    };

    private static ServiceAuthorization? Authorization(Section section) => section.Choice("authorization", "forward", "identity", "none") switch
    {
        "forward" => ServiceAuthorization.Forward,
        "identity" => ServiceAuthorization.Identity,
        "none" => ServiceAuthorization.None,
        _ => null,
    };

    private static List<IPNetwork> Ranges(Section proxy)
    {
        var ranges = new List<IPNetwork>();
        foreach (var item in proxy.Texts("allowedAddresses") ?? [])
        {
            // The parser cuts bits behind the prefix off, and would widen what somebody mistyped.
            if (IPNetwork.TryParse(item.Value, out var range) && IPAddress.TryParse(item.Value.Split('/')[0], out var written) && range.BaseAddress.Equals(written))
            {
                ranges.Add(range);
            }
            else if (IPAddress.TryParse(item.Value, out var address))
            {
                ranges.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            }
            else
            {
                proxy.Context.Errors.Add(item.Path, "has to be an address range such as 10.96.0.0/12, with no bit set behind its prefix, or one address", item.Origin);
            }
        }

        return ranges;
    }

    private static List<string> Names(Section proxy)
    {
        var names = new List<string>();
        foreach (var item in proxy.Texts("externalNames") ?? [])
        {
            var name = item.Value.TrimEnd('.');
            if (Uri.CheckHostName(name.StartsWith("*.", StringComparison.Ordinal) ? name[2..] : name) is UriHostNameType.Unknown or UriHostNameType.Basic)
            {
                proxy.Context.Errors.Add(item.Path, "has to be a host name such as api.example.com, or *.example.com for all below it", item.Origin);
            }

            names.Add(name);
        }

        return names;
    }

    private static ServiceOptions? Service(Section section)
    {
        var before = section.Context.Errors.Count;
        var (cluster, @namespace, name) = (section.RequiredText("cluster"), section.RequiredText("namespace"), section.RequiredText("name"));
        var transport = Transport(section);
        var authorization = Authorization(section);
        var secret = Named(section, "credentialSecretRef", "name");
        var audience = Named(section, "serviceAccountToken", "audience");
        var skip = section.Flag("skipTLSVerify") == true;
        var certificate = section.FilePath("clientCertFile");
        var key = section.FilePath("clientKeyFile");
        var authority = section.FilePath("caFile");
        var tokenHeader = section.Flag("tokenHeader") == true;
        var options = cluster is null || @namespace is null || name is null ? null : new ServiceOptions
        {
            Cluster = cluster,
            Namespace = @namespace,
            Name = name,
            Transport = transport,
            Authorization = secret is not null ? ServiceAuthorization.Secret : audience is not null ? ServiceAuthorization.ServiceAccountToken : authorization,
            Scheme = section.Choice("scheme", "http", "https"),
            Port = Port(section),
            CertificateAuthority = authority is null ? null : new PemSource.File(authority),
            ClientCertificate = certificate is null || key is null ? null : new ClientCertificateSource(new PemSource.File(certificate), new PemSource.File(key)),
            SkipTlsVerify = skip,
            HeadersTimeout = section.Duration("headersTimeout", _shortest, _longest),
            TokenHeader = tokenHeader,
            CredentialSecret = secret,
            TokenAudience = audience,
            Host = Host(section),
        };
        Check(section, transport, authorization, secret, audience, certificate, key);
        CheckNames(section, @namespace, name);
        CheckTransport(section, transport, authorization, tokenHeader);
        if (skip)
        {
            section.Context.Notice($"Service {@namespace}/{name} of cluster '{cluster}': skipTLSVerify is on, so anybody on the way can pretend to be this Service");
        }

        section.Close();
        return section.Context.Errors.Count > before ? null : options;
    }

    /// <summary>A host name, in lower case, without a port: the Service's origin has the gateway's own.</summary>
    private static string? Host(Section section)
    {
        if (section.Text("host") is not { } host)
        {
            return null;
        }

        if (Uri.CheckHostName(host) is not UriHostNameType.Dns)
        {
            section.Error("host", "has to be a host name such as grafana.example.com, without scheme and port");
        }

        return host.ToLowerInvariant();
    }

    private static void Check(
        Section section, TransportChoice? transport, ServiceAuthorization? authorization, string? secret, string? audience, string? certificate, string? key)
    {
        if ((certificate is null) != (key is null))
        {
            section.Error(certificate is null ? "clientKeyFile" : "clientCertFile", "clientCertFile and clientKeyFile belong together");
        }

        if (new[] { authorization is not null, secret is not null, audience is not null }.Count(static given => given) > 1)
        {
            section.Error(secret is not null ? "credentialSecretRef" : "serviceAccountToken", "authorization, credentialSecretRef and serviceAccountToken must not stand together");
        }

        if (transport is TransportChoice.ApiServer && (authorization is ServiceAuthorization.Forward || secret is not null || audience is not null))
        {
            // The API server takes Authorization for itself: what was asked for could not happen (contract F25).
            section.Error("transport", "with apiserver no Authorization reaches the Service; use identity, none or tokenHeader, or another transport");
        }
    }

    /// <summary>What no Service can be called would be said of none, in silence.</summary>
    private static void CheckNames(Section section, string? @namespace, string? name)
    {
        foreach (var (key, value) in new[] { ("namespace", @namespace), ("name", name) })
        {
            if (value is not null && !Doors.ServiceDoor.IsLabel(value))
            {
                section.Error(key, "has to be a DNS label: a-z, 0-9 and '-', at most 63");
            }
        }
    }

    private static void CheckTransport(Section section, TransportChoice? transport, ServiceAuthorization? authorization, bool tokenHeader)
    {
        foreach (var key in new[] { "caFile", "clientCertFile", "clientKeyFile", "skipTLSVerify" })
        {
            if (transport is TransportChoice.ApiServer && section.Has(key))
            {
                section.Error(key, "has no effect with transport: apiserver, since the API server opens the connection and verifies nothing");
            }
        }

        if (tokenHeader && (transport is TransportChoice.Direct || authorization is ServiceAuthorization.Identity or ServiceAuthorization.None))
        {
            section.Error("tokenHeader", "sends the caller's token over the API server; it does not go with transport: direct, nor with authorization: identity or none");
        }
    }

    private static string? Named(Section section, string key, string name)
    {
        if (section.Child(key) is not { } child)
        {
            return null;
        }

        var text = child.RequiredText(name);
        child.Close();
        return text;
    }

    /// <summary>A port's name or its number.</summary>
    private static string? Port(Section section) => section.Node("port") switch
    {
        null => null,
        Kubernetes.Documents.ScalarNode { Text.Length: > 0 } scalar => scalar.Text,
        _ => section.RequiredText("port"),
    };
}
