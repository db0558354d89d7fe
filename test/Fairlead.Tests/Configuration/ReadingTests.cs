using AwesomeAssertions;
using Fairlead.Configuration;
using Fairlead.Configuration.Reading;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Fairlead.Tests.Configuration;

/// <summary>Files, variables, includes, <c>APP_CONFIG_</c> variables and overrides, with the meaning they have in Backstage.</summary>
public sealed class ReadingTests : IDisposable
{
    private readonly Loading _loading = new() { Environment = { ["SECRET"] = "my-secret", ["TOKEN"] = " my-token\n", ["EMPTY"] = "" } };

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("hello ${SECRET}", "hello my-secret")]
    [InlineData("${SECRET      } $${} ${TOKEN }", "my-secret ${} my-token")]
    [InlineData("foo ${SECRET} $$${ESCAPE_ME}", "foo my-secret $${ESCAPE_ME}")]
    [InlineData("foo $${ESCAPE_ME} $$${ESCAPE_ME_TOO} $${}", "foo ${ESCAPE_ME} $${ESCAPE_ME_TOO} ${}")]
    [InlineData("${MISSING:-http://localhost:80}", "http://localhost:80")]
    [InlineData("${EMPTY:-fallback}", "fallback")]
    [InlineData("${SECRET:-fallback}", "my-secret")]
    [InlineData("a${EMPTY}b", "ab")]
    [InlineData("$SECRET ${ ${SECRET}", "$SECRET ${ my-secret")]
    [InlineData("foo ${MISSING}", null)]
    [InlineData("foo ${MISSING} ${SECRET}", null)]
    [InlineData("${}", null)]
    [InlineData("${MISSING:-}", null)]
    public void Variables_are_replaced_as_in_Backstage(string text, string? expected) =>
        Substitution.Apply(text, _loading.Environment, out _).Should().Be(expected);

    [Fact]
    public void A_key_whose_variable_is_not_set_counts_as_absent_and_is_named()
    {
        var options = _loading.Options("baseUrl: /${MISSING}\ncors: { origins: [\"https://a.example\", \"${MISSING}\"] }");
        options.BaseUrl.Should().BeEmpty();
        options.CorsOrigins.Should().Equal("https://a.example");
        options.Notices.Where(notice => notice.Contains("'MISSING' is not set", StringComparison.Ordinal)).Should().HaveCount(2);
    }

    [Fact]
    public void Variables_stand_for_numbers_and_booleans_too()
    {
        _loading.Environment["N"] = "7";
        _loading.Environment["YES"] = "true";
        var options = _loading.Options("limits: { requestBody: \"${N}\" }\nauth: { tokenReview: \"${YES}\" }");
        options.Limits.RequestBody.Should().Be(7);
        options.Auth!.TokenReview.Should().BeTrue();
    }

    [Fact]
    public void Files_merge_left_to_right_maps_merge_and_lists_replace()
    {
        var first = _loading.Folder.Write("a.yaml", "baseUrl: /a\nlimits: { requestLine: 2000, requestHeaders: 3000 }\ncors: { origins: [\"https://a\", \"https://b\"] }");
        var second = _loading.Folder.Write("b.yaml", "limits: { requestLine: 4000 }\ncors: { origins: [\"https://c\"] }\nbaseUrl: ${MISSING}");

        var options = Loading.Good(_loading.LoadFiles(first, second));

        options.BaseUrl.Should().Be("/a", "a value without its variable does not take the one below away");
        options.Limits.Should().Be(new LimitOptions { RequestLine = 4000, RequestHeaders = 3000 });
        options.CorsOrigins.Should().Equal("https://c");
        options.Files.Select(static file => file.Path).Should().Equal(first, second);
    }

    [Fact]
    public void A_later_null_takes_an_earlier_value_away() =>
        Loading.Good(_loading.LoadFiles(_loading.Folder.Write("a.yaml", "baseUrl: /a"), _loading.Folder.Write("b.yaml", "baseUrl: null")))
            .BaseUrl.Should().BeEmpty();

    [Fact]
    public void Relative_paths_start_from_the_file_they_are_written_in()
    {
        var first = _loading.Folder.Write("one/a.yaml", "tls: { certFile: a.crt, keyFile: x.key }");
        var second = _loading.Folder.Write("two/b.yaml", "tls: { keyFile: ../b.key }\nlisten: https://127.0.0.1:1");
        Loading.Good(_loading.LoadFiles(first, second)).Tls.Should().Be(new TlsFiles(_loading.Folder.Of("one/a.crt"), _loading.Folder.Of("b.key")));
    }

    [Fact]
    public void Env_file_and_include_objects_are_resolved()
    {
        var base64 = _loading.Folder.Write("sub/base", "/from-file\n\n");
        var included = _loading.Folder.Write("sub/part.yaml", "a: { audit: { file: x.log }, tls: { certFile: c, keyFile: { $env: KEY } } }\n");
        var json = _loading.Folder.Write("sub/part.json", "{\"log\":{\"level\":\"${LEVEL}\"}}");
        _loading.Environment["KEY"] = "key.pem";
        _loading.Environment["LEVEL"] = "warn";

        var options = _loading.Options("""
            baseUrl: { $file: sub/base }
            audit: { $include: "sub/part.yaml#a.audit" }
            tls: { $include: "${DIR:-sub}/part.yaml#a.tls" }
            log: { $include: sub/part.json#log }
            publicUrl: { $env: MISSING }
            """);

        options.BaseUrl.Should().Be("/from-file");
        options.Audit.File.Should().Be(_loading.Folder.Of("sub/x.log"));
        options.Tls.Should().Be(new TlsFiles(_loading.Folder.Of("sub/c"), _loading.Folder.Of("sub/key.pem")));
        options.Log.Level.Should().Be(LogLevel.Warning);
        options.PublicUrl.Should().BeNull();
        options.Files.Select(static file => file.Path).Should().Equal(_loading.Folder.Of("fairlead.yaml"), base64, included, json);
    }

    [Theory]
    [InlineData("baseUrl: { $file: nowhere }", "baseUrl", "$file nowhere: the file does not exist")]
    [InlineData("baseUrl: { $file: a, other: b }", "baseUrl", "$file must stand alone")]
    [InlineData("baseUrl: { $env: [a] }", "baseUrl", "$env has to be a string, this is a list")]
    [InlineData("baseUrl: { $file: \"${MISSING}\" }", "baseUrl", "$file has no value")]
    [InlineData("log: { $include: x.txt }", "log", "only .yaml, .yml and .json files can be included")]
    [InlineData("log: { $include: \"x.yaml#a.c\" }", "log", "the file has no key 'c' there")]
    [InlineData("log: { $include: broken.json }", "log", "not valid JSON")]
    [InlineData("log: { $include: loop.yaml }", "log.a", "include each other without end")]
    [InlineData("a: 1\nlog: {}\na: 2", "a", "the key is written twice; it stands on line 1 already")]
    [InlineData("- a", "", "a configuration has to be a map of keys, this is a list")]
    [InlineData("log: [", "", "not valid YAML")]
    public void A_file_that_cannot_be_read_is_an_error_with_key_and_place(string yaml, string path, string message)
    {
        _loading.Folder.Write("x.txt", "a");
        _loading.Folder.Write("x.yaml", "a: { b: 1 }");
        _loading.Folder.Write("broken.json", "{\"a\":1,\"a\":2}");
        _loading.Folder.Write("loop.yaml", "a: { $include: loop.yaml }");

        var result = _loading.Load(yaml);

        result.Errors.Should().ContainSingle();
        result.Errors[0].Path.Should().Be(path);
        result.Errors[0].Message.Should().Contain(message);
        result.Errors[0].Location.Should().NotBeNull();
        result.Files.Should().Contain(SourceFile.Of(_loading.Folder.Of("fairlead.yaml")));
    }

    [Fact]
    public void A_missing_configuration_file_is_an_error() =>
        _loading.LoadFiles("nowhere.yaml").Errors.Should().ContainSingle().Which.ToString().Should().Be("nowhere.yaml: the file does not exist");

    [Fact]
    public void App_config_variables_win_over_files_and_hold_json_or_text()
    {
        _loading.Environment["APP_CONFIG_baseUrl"] = "/text";
        _loading.Environment["APP_CONFIG_limits_requestLine"] = "5000";
        _loading.Environment["APP_CONFIG_kubernetes_clusterLocatorMethods"] = "[{\"type\":\"localKubectlProxy\"}]";
        _loading.Environment["APP_CONFIG_log"] = "{\"format\":\"json\"}";
        _loading.Environment["APP_CONFIG_log_level"] = "\"debug\"";
        _loading.Environment["APP_CONFIG_audit_file"] = "";

        var options = _loading.Options("baseUrl: /file\nlimits: { requestHeaders: 2000 }");

        options.BaseUrl.Should().Be("/text");
        options.Limits.Should().Be(new LimitOptions { RequestLine = 5000, RequestHeaders = 2000 });
        options.ClusterLocators.Should().Equal(new ClusterLocator.LocalKubectlProxy("localKubectlProxy"));
        options.Log.Should().Be(new LogOptions { Level = LogLevel.Debug, Format = "json" });
    }

    [Theory]
    [InlineData("APP_CONFIG_a__b", "1", "keys joined by one underscore")]
    [InlineData("APP_CONFIG_baseUrl", "null", "may not be null")]
    [InlineData("APP_CONFIG_log_level_x", "1", "another APP_CONFIG_ variable")]
    [InlineData("APP_CONFIG_baseUrl", "{\"a\":1}", "has to be a string, this is a map")]
    public void A_bad_app_config_variable_is_an_error_that_names_it(string name, string value, string message)
    {
        _loading.Environment["APP_CONFIG_log_level"] = "debug";
        _loading.Environment[name] = value;
        var error = _loading.Error("");
        error.Message.Should().Contain(message);
        error.Location.Should().Be($"environment variable {name}");
    }

    [Fact]
    public void Overrides_come_last()
    {
        _loading.Environment["APP_CONFIG_baseUrl"] = "/env";
        _loading.Overrides.Add(ConfigurationOverride.Value("baseUrl", "/flag", "--base-url"));
        _loading.Overrides.Add(ConfigurationOverride.Values("listen", ["http://127.0.0.1:1", "http://127.0.0.1:2"], "--listen-addr"));
        _loading.Overrides.Add(ConfigurationOverride.Value("serviceProxy.enabled", "false", "--enable-helm"));
        var options = _loading.Options("listen: http://127.0.0.1:9");
        options.BaseUrl.Should().Be("/flag");
        options.Listen.Should().Equal(new Uri("http://127.0.0.1:1"), new Uri("http://127.0.0.1:2"));
    }

    [Fact]
    public void An_error_in_an_override_names_the_flag()
    {
        _loading.Overrides.Add(ConfigurationOverride.Value("baseUrl", "gw", "--base-url"));
        _loading.Error("").Location.Should().Be("--base-url");
    }

    [Fact]
    public void Kubeconfig_and_in_cluster_flags_give_sources()
    {
        _loading.Overrides.Add(ConfigurationOverride.Kubeconfig("a:/b"));
        _loading.Overrides.Add(ConfigurationOverride.InCluster());
        var locators = _loading.Options("").ClusterLocators;
        locators[0].Should().BeOfType<ClusterLocator.Kubeconfig>().Which.Paths.Should().Equal(_loading.Folder.Of("a"), "/b");
        locators[1].Should().Be(new ClusterLocator.InCluster("inCluster", "main"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_source_flag_together_with_clusterLocatorMethods_is_an_error(bool kubeconfig)
    {
        _loading.Overrides.Add(kubeconfig ? ConfigurationOverride.Kubeconfig("a") : ConfigurationOverride.InCluster());
        var error = _loading.Error("kubernetes:\n  clusterLocatorMethods:\n    - type: localKubectlProxy");
        error.Message.Should().Contain("cannot be used together with the clusterLocatorMethods of").And.Contain("fairlead.yaml:3");
        error.Location.Should().Be(kubeconfig ? "--kubeconfig" : "--in-cluster");
    }

    public void Dispose() => _loading.Dispose();
}
