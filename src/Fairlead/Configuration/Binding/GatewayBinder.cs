using System.Net;

namespace Fairlead.Configuration.Binding;

/// <summary>Binds the whole tree, section by section. Without reflection, so that a misspelt key cannot fall through.</summary>
internal static class GatewayBinder
{
    public static GatewayOptions Bind(Section root)
    {
        var listen = ListenBinder.Bind(root, new GatewayOptions());
        root.Context.Exec = CredentialsBinder.Bind(root);
        var auth = AuthBinder.Bind(root, listen);
        var options = listen with
        {
            ClusterLocators = KubernetesBinder.Bind(root, auth?.Backstage),
            Auth = auth,
            Sessions = SessionBinder.Bind(root),
            Me = SessionBinder.Me(root),
            Hosts = Hosts(root),
            TrustedProxies = TrustedProxies(root),
            AccessRules = AccessBinder.Bind(root),
            CorsOrigins = Cors(root),
            Limits = LimitsBinder.Limits(root),
            Timeouts = LimitsBinder.Timeouts(root),
            Log = LogBinder.Bind(root),
            Telemetry = TelemetryBinder.Bind(root),
            AuditFile = Audit(root),
            ServiceProxy = ServiceProxyBinder.Bind(root),
        };
        AccessNotices.Add(root.Context, options);
        if (options.PublicUrl is { } own && options.ServiceProxy.FindHost(own.Host) is not null)
        {
            root.Error("publicUrl", "has the host name that serviceProxy.services gives to a Service; the gateway needs one of its own");
        }

        root.Close();
        return options;
    }

    private static List<string> Cors(Section root)
    {
        var origins = new List<string>();
        if (root.Child("cors") is not { } cors)
        {
            return origins;
        }

        foreach (var item in cors.Texts("origins") ?? [])
        {
            if (WebOrigin.TryParse(item.Value, out var origin))
            {
                origins.Add(origin.GetLeftPart(UriPartial.Authority));
            }
            else
            {
                root.Context.Errors.Add(
                    item.Path, "has to be an origin such as https://portal.example.com; there is no wildcard", item.Origin);
            }
        }

        cors.Close();
        return origins;
    }

    private static List<string> Hosts(Section root)
    {
        var hosts = new List<string>();
        foreach (var item in root.OneOrMoreTexts("hosts") ?? [])
        {
            if (Uri.CheckHostName(item.Value) is UriHostNameType.Unknown)
            {
                root.Context.Errors.Add(item.Path, "has to be a host name such as fairlead.fairlead.svc, without scheme and port", item.Origin);
            }
            else
            {
                hosts.Add(item.Value.ToLowerInvariant());
            }
        }

        return hosts;
    }

    private static List<IPNetwork> TrustedProxies(Section root)
    {
        var networks = new List<IPNetwork>();
        foreach (var item in root.OneOrMoreTexts("trustedProxies") ?? [])
        {
            if (IPNetwork.TryParse(item.Value, out var network))
            {
                networks.Add(network);
            }
            else if (IPAddress.TryParse(item.Value, out var address))
            {
                networks.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            }
            else
            {
                root.Context.Errors.Add(item.Path, "has to be an address or a network such as 10.0.0.0/8", item.Origin);
            }
        }

        return networks;
    }

    private static string? Audit(Section root)
    {
        if (root.Child("audit") is not { } audit)
        {
            return null;
        }

        // A section without a file would read as "auditing is on".
        if (!audit.Has("file"))
        {
            audit.Missing("file");
        }

        var file = audit.FilePath("file");
        audit.Close();
        return file;
    }
}
