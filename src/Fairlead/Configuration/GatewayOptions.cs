using System.Net;
using Fairlead.Kubernetes.Connections;
using Fairlead.Limits;

namespace Fairlead.Configuration;

/// <summary>The whole configuration after reading, merging and validation. Immutable; a reload makes a new one.</summary>
internal sealed record GatewayOptions
{
    private static readonly Uri[] _defaultListen = [new("http://127.0.0.1:8080")];

    /// <summary>Addresses of the public listeners (<c>listen</c>): http or https, an IP address or <c>localhost</c>, a port (0 lets the system choose).</summary>
    public IReadOnlyList<Uri> Listen { get; init; } = _defaultListen;

    /// <summary>Whether nothing was said about <c>listen</c>.</summary>
    public bool HasDefaultListen => ReferenceEquals(Listen, _defaultListen);

    /// <summary>The certificate for https listeners (<c>tls</c>); required when one of <see cref="Listen"/> is https.</summary>
    public TlsFiles? Tls { get; init; }

    /// <summary>The path below which everything is served (<c>baseUrl</c>): empty for <c>/</c>, else <c>/gw</c> without a slash at the end.</summary>
    public string BaseUrl { get; init; } = "";

    /// <summary>The address of the management listener (<c>management.listen</c>); null when the management listener is off.</summary>
    public Uri? ManagementListen { get; init; } = new("http://127.0.0.1:8090");

    /// <summary>The gateway's own origin (<c>publicUrl</c>).</summary>
    public Uri? PublicUrl { get; init; }

    /// <summary>Other host names, in lower case and without a port, under which requests are served beside <see cref="PublicUrl"/> (<c>hosts</c>): what callers inside the cluster use.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>
    /// Proxies in front whose <c>X-Forwarded-For</c>, <c>X-Forwarded-Proto</c> and <c>X-Forwarded-Host</c> are believed (<c>trustedProxies</c>), the last hop only; nobody
    /// is by default, loopback included.
    /// </summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>The sources of clusters in file order (<c>kubernetes.clusterLocatorMethods</c>); each has a unique name (contract F11).</summary>
    public IReadOnlyList<ClusterLocator> ClusterLocators { get; init; } = [];

    /// <summary>Whether no API server's certificate is verified (<c>--insecure-ssl</c>).</summary>
    public bool InsecureSkipTlsVerify { get; init; }

    /// <summary>The <c>auth</c> section; null when there is none.</summary>
    public AuthOptions? Auth { get; init; }

    /// <summary>The <c>sessions</c> section.</summary>
    public BrowserSessionOptions Sessions { get; init; } = new();

    /// <summary>The <c>me</c> section.</summary>
    public MeOptions Me { get; init; } = new();

    /// <summary>Allow and deny rules (<c>access.rules</c>).</summary>
    public IReadOnlyList<AccessRule> AccessRules { get; init; } = [];

    /// <summary>Origins that browsers may call from (<c>cors.origins</c>).</summary>
    public IReadOnlyList<string> CorsOrigins { get; init; } = [];

    /// <summary>The <c>serviceProxy</c> section.</summary>
    public ServiceProxyOptions ServiceProxy { get; init; } = new();

    /// <summary>The <c>limits</c> section.</summary>
    public LimitOptions Limits { get; init; } = new();

    /// <summary>The <c>timeouts</c> section.</summary>
    public TimeoutOptions Timeouts { get; init; } = new();

    /// <summary>What bounds the connections to clusters and Services, from <see cref="Limits"/> and <see cref="Timeouts"/>.</summary>
    public ConnectionBounds BoundUpstreams() => new(Timeouts.Connect, Timeouts.Ping, Limits.ResponseReadAhead);

    /// <summary>The <c>drain</c> section.</summary>
    public DrainOptions Drain { get; init; } = new();

    /// <summary>The <c>log</c> section.</summary>
    public LogOptions Log { get; init; } = new();

    /// <summary>The <c>telemetry</c> section.</summary>
    public TelemetryOptions Telemetry { get; init; } = new();

    /// <summary>The <c>audit</c> section.</summary>
    public AuditOptions Audit { get; init; } = new();

    /// <summary>The <c>recording</c> section; null when there is none.</summary>
    public RecordingOptions? Recording { get; init; }

    /// <summary>Where a single replica keeps its state across restarts (<c>stateDir</c>), an absolute path; null for nowhere.</summary>
    public string? StateDir { get; init; }

    /// <summary>Things the operator should read once at start: keys without effect, sections that this version does not serve, risky settings.</summary>
    public IReadOnlyList<string> Notices { get; init; } = [];

    /// <summary>Every file that this configuration was read from and whose change calls for a reload: configuration files, includes, texts.</summary>
    public IReadOnlyList<SourceFile> Files { get; init; } = [];
}

/// <summary>Certificate and key of the https listeners; both are read again when they change.</summary>
/// <param name="CertFile">The absolute path of the PEM certificate, with its chain.</param>
/// <param name="KeyFile">The absolute path of the PEM key.</param>
internal sealed record TlsFiles(string CertFile, string KeyFile);

/// <summary>Sizes and counts.</summary>
internal sealed record LimitOptions
{
    /// <summary>The largest request body in bytes (<c>limits.requestBody</c>); null for no limit.</summary>
    public long? RequestBody { get; init; }

    /// <summary>The longest request line in bytes (<c>limits.requestLine</c>).</summary>
    public int RequestLine { get; init; } = 24 * 1024;

    /// <summary>The largest header block in bytes (<c>limits.requestHeaders</c>).</summary>
    public int RequestHeaders { get; init; } = 64 * 1024;

    /// <summary>How many bytes of one response an HTTP/2 upstream may send before the client takes them (<c>limits.responseReadAhead</c>).</summary>
    public int ResponseReadAhead { get; init; } = 128 * 1024;

    /// <summary>Streams of one HTTP/2 client connection (<c>limits.streamsPerConnection</c>).</summary>
    public int StreamsPerConnection { get; init; } = 256;

    /// <summary>Ordinary requests that are open at once (<c>limits.requests</c>).</summary>
    public ScopedLimit Requests { get; init; } = ScopedLimit.Default;

    /// <summary>Watches, followed logs and requests to Services that are open at once (<c>limits.streams</c>).</summary>
    public ScopedLimit Streams { get; init; } = ScopedLimit.Default;

    /// <summary>Upgraded connections at once (<c>limits.upgradedConnections</c>).</summary>
    public ScopedLimit UpgradedConnections { get; init; } = ScopedLimit.Default;

    /// <summary>Requests in a second (<c>limits.rate</c>).</summary>
    public RateLimit Rate { get; init; } = RateLimit.Default;

    /// <summary>Client connections at once (<c>limits.connections</c>).</summary>
    public ConnectionLimit Connections { get; init; } = ConnectionLimit.Default;
}

/// <summary>How long an upstream, or a client, may take (<c>timeouts</c>). A stream has no total limit.</summary>
internal sealed record TimeoutOptions
{
    /// <summary>For a client to send the head of a request (<c>timeouts.requestHeaders</c>); over HTTP/2, a header block.</summary>
    public TimeSpan RequestHeaders { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a client's connection may be open without a request (<c>timeouts.keepAlive</c>).</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(130);

    /// <summary>To connect, TLS included (<c>timeouts.connect</c>).</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>To the response headers (<c>timeouts.responseHeaders</c>).</summary>
    public TimeSpan ResponseHeaders { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>Silence in the middle of an ordinary body (<c>timeouts.idle</c>); watches, followed logs and upgrades may be silent for ever.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>Between keep-alive pings on upstream connections with open requests (<c>timeouts.ping</c>).</summary>
    public TimeSpan Ping { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a stream may go on after its caller has lost the right to it (<c>timeouts.revocation</c>).</summary>
    public TimeSpan Revocation { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a yes of a cluster is good for: short enough that streams are asked about within <see cref="Revocation"/>.</summary>
    public TimeSpan ReviewedFor => Revocation / 3 < Access.AccessReviews.AllowedAtMost ? Revocation / 3 : Access.AccessReviews.AllowedAtMost;

    /// <summary>How often files are looked at for changes (<c>timeouts.fileCheck</c>).</summary>
    public TimeSpan FileCheck { get; init; } = TimeSpan.FromSeconds(2);
}

/// <summary>What is logged and how.</summary>
internal sealed record LogOptions
{
    /// <summary>The least level (<c>log.level</c>).</summary>
    public LogLevel Level { get; init; } = LogLevel.Information;

    /// <summary><c>text</c> or <c>json</c> (<c>log.format</c>); null: text on a terminal, JSON otherwise.</summary>
    public string? Format { get; init; }
}
