namespace Fairlead.Testing.Processes;

/// <summary>
/// The independent clients and servers that end-to-end tests run. <c>./test.sh</c> installs most of them and says where they are. A test that
/// cannot do without one calls <see cref="ExternalTool.Require"/>; one that may be skipped skips with <see cref="ExternalTool.WhyMissing"/>.
/// </summary>
public static class ExternalTools
{
    private static readonly string Clients = Path.Combine(RepositoryRoot(), "test", "clients");

    /// <summary>kubectl 1.34, which speaks WebSocket.</summary>
    public static ExternalTool Kubectl { get; } = Installed("kubectl 1.34", "FAIRLEAD_KUBECTL", "kubectl");

    /// <summary>helm 4.</summary>
    public static ExternalTool Helm { get; } = Installed("helm", "FAIRLEAD_HELM", "helm");

    /// <summary>kubectl 1.20, which speaks SPDY.</summary>
    public static ExternalTool OldKubectl { get; } = Installed("kubectl 1.20", "FAIRLEAD_KUBECTL_OLD", "kubectl-1.20");

    /// <summary>The folder <c>node_modules</c> with the JavaScript clients.</summary>
    public static ExternalTool NodeModules { get; } =
        new("The folder of JavaScript clients", "FAIRLEAD_NODE_MODULES", [Variable("FAIRLEAD_NODE_MODULES"), Path.Combine(Clients, "node_modules")]);

    /// <summary>Node.js.</summary>
    public static ExternalTool Node { get; } = InPath("Node.js", "FAIRLEAD_NODE", "node");

    /// <summary>A Chromium or Chrome.</summary>
    public static ExternalTool Chromium { get; } =
        InPath("Chromium", "FAIRLEAD_CHROMIUM", "chromium", "chromium-browser", "google-chrome", "chrome-headless-shell");

    /// <summary>A Redis: of the system, or as <c>./test.sh</c> takes it out of Debian's package.</summary>
    public static ExternalTool RedisServer { get; } =
        new("redis-server", "FAIRLEAD_REDIS", [Variable("FAIRLEAD_REDIS"), "/usr/bin/redis-server", Path.Combine(Clients, ".tools", "redis-server")]);

    /// <summary>An nginx: of the system, or as <c>./test.sh</c> takes it out of Debian's package.</summary>
    public static ExternalTool Nginx { get; } =
        new("nginx", "FAIRLEAD_NGINX", [Variable("FAIRLEAD_NGINX"), "/usr/sbin/nginx", Path.Combine(Clients, ".tools", "nginx")]);

    /// <summary>An HAProxy: of the system, or as <c>./test.sh</c> takes it out of Debian's package.</summary>
    public static ExternalTool HAProxy { get; } =
        new("HAProxy", "FAIRLEAD_HAPROXY", [Variable("FAIRLEAD_HAPROXY"), "/usr/sbin/haproxy", Path.Combine(Clients, ".tools", "haproxy")]);

    /// <summary>Prometheus' own checker of rules: of the system, or as <c>./test.sh</c> takes it out of Debian's package.</summary>
    public static ExternalTool Promtool { get; } =
        new("promtool", "FAIRLEAD_PROMTOOL", [Variable("FAIRLEAD_PROMTOOL"), "/usr/bin/promtool", Path.Combine(Clients, ".tools", "promtool")]);

    /// <summary>The library that shows a process another time than the system's.</summary>
    public static ExternalTool FakeTime { get; } = new(
        "libfaketime", "FAIRLEAD_FAKETIME", [Variable("FAIRLEAD_FAKETIME"), "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1", Path.Combine(Clients, ".tools", "libfaketime.so.1")]);

    /// <summary>A real API server, as kubebuilder packages it.</summary>
    public static ExternalTool KubeApiServer { get; } = OfKubebuilder("kube-apiserver");

    /// <summary>The store of a real API server.</summary>
    public static ExternalTool Etcd { get; } = OfKubebuilder("etcd");

    /// <summary>Whether the long tests run: <c>./test.sh --soak</c>.</summary>
    public static bool Soak => Variable("FAIRLEAD_SOAK") is "1";

    /// <summary>The folder that holds the solution file.</summary>
    public static string RepositoryRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Fairlead.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No Fairlead.slnx above {AppContext.BaseDirectory}.");
    }

    private static string Variable(string name) => Environment.GetEnvironmentVariable(name) ?? "";

    private static ExternalTool Installed(string name, string variable, string file) =>
        new(name, variable, [Variable(variable), Path.Combine(Clients, ".tools", file)]);

    private static ExternalTool InPath(string name, string variable, params string[] files)
    {
        var folders = Variable("PATH").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return new(name, variable, [Variable(variable), .. files.SelectMany(file => folders.Select(folder => Path.Combine(folder, file)))]);
    }

    private static ExternalTool OfKubebuilder(string file)
    {
        string[] folders = [Variable("KUBEBUILDER_ASSETS"), "/usr/local/kubebuilder/bin"];
        return new(file, "KUBEBUILDER_ASSETS", [.. folders.Where(folder => folder.Length > 0).Select(folder => Path.Combine(folder, file))]);
    }
}
