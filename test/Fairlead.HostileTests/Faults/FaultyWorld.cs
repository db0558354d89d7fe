using System.Globalization;
using System.Text.Json;
using AwesomeAssertions;
using Fairlead.Testing;
using Fairlead.Testing.Clients;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Processes;
using Xunit;

namespace Fairlead.HostileTests.Faults;

/// <summary>
/// The built gateway in a process of its own, in front of clusters that a test breaks: its configuration, its audit file, and one request at a door.
/// The machine caller may do everything.
/// </summary>
internal sealed class FaultyWorld : IAsyncDisposable
{
    /// <summary>The token that the gateway holds for every cluster of <see cref="ClusterAt"/>.</summary>
    public const string HeldToken = "held-token-of-the-gateway";

    private readonly TempFolder _folder;

    private FaultyWorld(TempFolder folder, GatewayProcess gateway, int port, int tlsPort)
    {
        _folder = folder;
        Gateway = gateway;
        Port = port;
        TlsPort = tlsPort;
    }

    /// <summary>The process.</summary>
    public GatewayProcess Gateway { get; }

    /// <summary>Its port.</summary>
    public int Port { get; }

    /// <summary>The port of the second listener; 0 for none.</summary>
    public int TlsPort { get; }

    /// <summary>The audit file.</summary>
    public string AuditFile => AuditFileIn(_folder.Path);

    /// <summary>The rule that lets the machine caller do everything; it is in force unless arguments are given, which bring their own.</summary>
    public const string AllowAll = """access: { rules: [{ subjects: { groups: [portal] }, clusters: ["*"], namespaces: ["*"], resources: ["*"], verbs: ["*"] }] }""";

    /// <summary>A cluster at an address, as an entry in flow style without braces.</summary>
    public static string ClusterAt(string name, string url, string more = "") => $"name: {name}, url: '{url}', authProvider: serviceAccount, serviceAccountToken: {HeldToken}{more}";

    /// <summary>Starts a gateway.</summary>
    /// <param name="clusters">The clusters.</param>
    /// <param name="configuration">More of the configuration.</param>
    /// <param name="environment">Variables to set.</param>
    /// <param name="through">As in <see cref="GatewayProcess"/>.</param>
    /// <param name="audit">The audit file; one in a folder of its own when null.</param>
    /// <param name="listen">The listeners; the first one is <see cref="Port"/>.</param>
    /// <param name="auth">More of <c>auth</c>, in flow style.</param>
    /// <param name="arguments">More arguments, before the configuration.</param>
    /// <param name="logFormat">The form of the log.</param>
    /// <param name="headers">How long an upstream may take to its response headers.</param>
    /// <param name="more">More sources of clusters, as lines of a list.</param>
    /// <param name="management">The port of the management listener; off when null.</param>
    public static async Task<FaultyWorld> StartAsync(
        string[] clusters, string configuration = "", IReadOnlyDictionary<string, string?>? environment = null, IReadOnlyList<string>? through = null, string? audit = null,
        string listen = "http://127.0.0.1:0", string auth = "", IReadOnlyList<string>? arguments = null, string headers = "25s", string logFormat = "text", string more = "", int? management = null)
    {
        var folder = new TempFolder();
        try
        {
            var (gateway, listening) = await GatewayProcess.StartAsync(@"listens on https?://127\.0\.0\.1:(\d+)(?:, https?://127\.0\.0\.1:(\d+))?", ["serve", .. arguments ?? []], $$"""
                listen: [{{listen}}]
                management: { listen: '{{(management is { } own ? string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{own}") : "off")}}' }
                log: { level: trace, format: {{logFormat}} }
                auth: { static: [{ subject: portal-caller, tokenSha256: "{{TestGateway.TokenHash}}", groups: [portal] }]{{auth}} }
                {{(arguments is null ? AllowAll : "")}}
                audit: { file: "{{audit ?? AuditFileIn(folder.Path)}}" }
                timeouts: { connect: 20s, responseHeaders: {{headers}}, fileCheck: 50ms }
                {{configuration}}
                kubernetes:
                  clusterLocatorMethods:
                    - type: config
                      clusters:
                {{string.Join('\n', clusters.Select(static cluster => $"        - {{ {cluster} }}"))}}
                {{more}}
                """, environment, through);
            return new FaultyWorld(folder, gateway, int.Parse(listening.Groups[1].Value, CultureInfo.InvariantCulture), listening.Groups[2] is { Success: true } second ? int.Parse(second.Value, CultureInfo.InvariantCulture) : 0);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>A request below a cluster at the cluster door, by the machine caller.</summary>
    public static RawRequest Request(string cluster, string path, string method = "GET") => new RawRequest(method, $"/clusters/{cluster}{path}").WithBearer(TestGateway.Token);

    /// <summary>Sends it, and reads the whole answer.</summary>
    public Task<RawResponse> SendAsync(string cluster, string path, string method = "GET") => RawClient.ExchangeAsync(Port, Request(cluster, path, method));

    /// <summary>The request passes, now or soon: what was broken is mended, and nobody has started the gateway again.</summary>
    public async Task ShouldRecoverAsync(string cluster)
    {
        await Eventually.BeTrueAsync(async () => (await SendAsync(cluster, "/api/v1/pods")).Status == 200, $"cluster {cluster} answers again");
        Gateway.Process.HasExited.Should().BeFalse();
    }

    /// <summary>A refusal in the shape of the cluster door, which says nothing of what is inside.</summary>
    public static void ShouldBeRefused(RawResponse response, int status)
    {
        response.Status.Should().Be(status, response.BodyText.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal));
        HostileWorld.ShouldHaveItsDoorsShape(new HostileWay(DoorName.Cluster, WireProtocol.Http11, LoginName.Bearer), response, "a refusal of the gateway");
    }

    /// <summary>Waits until that many records are in the audit file, and gives them.</summary>
    public async Task<IReadOnlyList<JsonElement>> AuditAsync(int count)
    {
        IReadOnlyList<JsonElement> records = [];
        await Eventually.BeTrueAsync(() => (records = Records(AuditFile)).Count >= count, $"{count} audit records");
        return records;
    }

    /// <summary>The records of an audit file, of requests that are over; each line has to be a whole one.</summary>
    public static IReadOnlyList<JsonElement> Records(string file) => AuditEvents.In(file);

    /// <summary>What a record says of the target.</summary>
    public static string TargetOf(JsonElement record) => record.GetProperty("requestURI").GetString()!;

    /// <summary>What a record says of the end.</summary>
    public static string OutcomeOf(JsonElement record) => record.GetProperty("annotations").GetProperty("fairlead.dev/outcome").GetString()!;

    /// <summary>Skips the test where the user may not do what it does to its own processes.</summary>
    public static void SkipUnlessRoot(string what) => Assert.SkipUnless(Environment.IsPrivilegedProcess, $"{what} needs root.");

    /// <summary>Skips the test where there is no such program.</summary>
    public static void SkipUnlessThere(string program) =>
        Assert.SkipUnless((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program))), $"{program} is not there.");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        _folder.Dispose();
    }

    private static string AuditFileIn(string folder) => Path.Combine(folder, "audit.log");
}
