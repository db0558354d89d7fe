using System.Text;
using System.Text.Json;
using AwesomeAssertions;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.ExecPlugins;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing.Files;
using Xunit;

namespace Fairlead.Kubernetes.Tests.ExecPlugins;

/// <summary>What a plugin is given, as a compiled program sees it.</summary>
public sealed class GivenTests
{
    private static readonly string _program = Path.Combine(AppContext.BaseDirectory, "Fairlead.ExecPlugin");

    [Fact]
    public async Task T92_Arguments_arrive_exactly()
    {
        string[] arguments = ["two words", "", "\"double\"", "'single'", "$(touch x) `id` ${HOME}", "a\nb\r\n", "\\", "\\\"", " ", "*", "--flag=ü €", "-", "--", "&& rm; | < >"];

        var report = await ReportAsync(Plugin() with { Arguments = [.. arguments] });

        report.GetProperty("arguments").EnumerateArray().Select(static item => item.GetString()).Should().Equal(arguments);
    }

    [Fact]
    public async Task The_environment_is_inherited_and_the_plugins_own_variables_win()
    {
        var report = await ReportAsync(Plugin() with { Environment = [Runtime, KeyValuePair.Create("HOME", "/of its own"), KeyValuePair.Create("EMPTY", ""), KeyValuePair.Create("KUBERNETES_EXEC_INFO", "forged")] });

        var environment = report.GetProperty("environment");
        environment.GetProperty("PATH").GetString().Should().Be(Environment.GetEnvironmentVariable("PATH"));
        environment.GetProperty("HOME").GetString().Should().Be("/of its own");
        environment.GetProperty("EMPTY").GetString().Should().BeEmpty();
        environment.GetProperty("KUBERNETES_EXEC_INFO").GetString().Should().Be("""{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"interactive":false}}""");
    }

    [Fact]
    public async Task Its_input_is_empty() => (await ReportAsync(Plugin())).GetProperty("input").GetInt32().Should().Be(0);

    [Theory]
    [InlineData(ExecApiVersion.V1, "client.authentication.k8s.io/v1")]
    [InlineData(ExecApiVersion.V1Beta1, "client.authentication.k8s.io/v1beta1")]
    public async Task The_cluster_is_told_where_it_is_asked_for(ExecApiVersion version, string name)
    {
        using var folder = new TempFolder();
        var cluster = new ClusterConnection
        {
            Server = new Uri("https://10.0.0.1:6443"),
            CertificateAuthority = new PemSource.File(folder.Write("ca.crt", "the authority\n")),
            TlsServerName = "kubernetes",
            Proxy = new ProxyAddress(new Uri("http://proxy:3128"), null),
        };

        var info = await InfoAsync(Plugin() with { ApiVersion = version, Cluster = cluster, ClusterConfig = """{"audience":"x","list":[1,null,true]}""" });

        info.GetProperty("apiVersion").GetString().Should().Be(name);
        info.GetProperty("kind").GetString().Should().Be("ExecCredential");
        info.GetProperty("spec").GetProperty("interactive").GetBoolean().Should().BeFalse();
        var told = info.GetProperty("spec").GetProperty("cluster");
        told.GetProperty("server").GetString().Should().Be("https://10.0.0.1:6443");
        told.GetProperty("tls-server-name").GetString().Should().Be("kubernetes");
        told.GetProperty("proxy-url").GetString().Should().Be("http://proxy:3128");
        told.GetProperty("certificate-authority-data").GetBytesFromBase64().Should().Equal("the authority\n"u8.ToArray());
        told.TryGetProperty("insecure-skip-tls-verify", out _).Should().BeFalse();
        told.GetProperty("config").GetRawText().Should().Be("""{"audience":"x","list":[1,null,true]}""");
    }

    [Fact]
    public async Task An_authority_that_is_written_in_the_configuration_is_told_and_so_is_that_nothing_is_checked()
    {
        var info = await InfoAsync(Plugin() with
        {
            Cluster = new ClusterConnection { Server = new Uri("https://h"), CertificateAuthority = new PemSource.Inline(new Secret("pem")), InsecureSkipTlsVerify = true },
        });

        var told = info.GetProperty("spec").GetProperty("cluster");
        told.GetProperty("certificate-authority-data").GetBytesFromBase64().Should().Equal("pem"u8.ToArray());
        told.GetProperty("insecure-skip-tls-verify").GetBoolean().Should().BeTrue();
        told.TryGetProperty("config", out _).Should().BeFalse();
    }

    [Fact]
    public async Task An_authority_that_cannot_be_read_is_named()
    {
        var cluster = new ClusterConnection { Server = new Uri("https://h"), CertificateAuthority = new PemSource.File("/nowhere/ca.crt") };

        (await Assert.ThrowsAsync<ExecPluginException>(() => PluginFolder.RunAsync(Plugin() with { Cluster = cluster }))).Message.Should().Contain("/nowhere/ca.crt");
    }

    // The program looks for the runtime that these tests run on.
    private static KeyValuePair<string, string> Runtime =>
        KeyValuePair.Create("DOTNET_ROOT", Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "../../..")));

    private static ExecPlugin Plugin() => new() { Command = _program, ApiVersion = ExecApiVersion.V1, Environment = [Runtime] };

    private static async Task<JsonElement> InfoAsync(ExecPlugin plugin) =>
        JsonElement.Parse((await ReportAsync(plugin)).GetProperty("environment").GetProperty("KUBERNETES_EXEC_INFO").GetString()!);

    private static async Task<JsonElement> ReportAsync(ExecPlugin plugin)
    {
        var given = await PluginFolder.RunAsync(plugin);
        return JsonElement.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(given.Token!.Reveal())));
    }
}
