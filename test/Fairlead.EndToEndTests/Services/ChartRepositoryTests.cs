using System.Text.Json;
using AwesomeAssertions;
using Fairlead.Testing;
using Xunit;

namespace Fairlead.EndToEndTests.Services;

/// <summary>A chart repository behind the service door: one that helm has made and nginx serves, and the demo's, with the API of ChartMuseum.</summary>
public sealed class ChartRepositoryTests
{
    [Theory]
    [InlineData("direct")]
    [InlineData("apiserver")]
    public async Task Helm_adds_updates_searches_and_pulls_through_the_door_with_the_cluster_token_as_password(string transport)
    {
        using var helm = new Helm();
        await using var nginx = await NginxServer.StartAsync(await helm.MakeRepositoryAsync());
        await using var world = await ServiceWorld.StartAsync(transport);
        world.AddService("charts", nginx.Port);
        var url = $"{world.Https}/serviceproxy/default/charts/";
        string[] access = ["--username", "x", "--password", ServiceWorld.Ann(), "--ca-file", world.AuthorityFile];

        await helm.RunAsync(["repo", "add", "charts", url, .. access]);
        var updated = await helm.RunAsync("repo", "update");
        var found = await helm.RunAsync("search", "repo", "charts/hello", "--versions", "--output", "json");
        await helm.RunAsync("pull", "charts/hello", "--version", "0.1.0", "--destination", helm.Folder);
        await helm.RunAsync(["pull", "hello", "--repo", url, .. access, "--destination", helm.Folder]);
        var values = await helm.RunAsync("show", "values", "charts/hello");

        updated.Should().Contain("Successfully got an update from the \"charts\" chart repository");
        using var versions = JsonDocument.Parse(found);
        versions.RootElement.EnumerateArray().Select(static one => one.GetProperty("version").GetString()).Should().BeEquivalentTo("0.2.0", "0.1.0");
        values.Should().Contain("hello from 0.2.0");
        foreach (var file in new[] { "hello-0.1.0.tgz", "hello-0.2.0.tgz" })
        {
            var pulled = await File.ReadAllBytesAsync(Path.Combine(helm.Folder, file));
            pulled.Should().Equal(await File.ReadAllBytesAsync(Path.Combine(helm.Folder, "repository", file)), "{0} is the file that was packaged", file);
        }

        await Eventually.BeTrueAsync(() => nginx.Log.Any(static line => line.StartsWith("GET /hello-0.2.0.tgz ", StringComparison.Ordinal)), "the last request is in the log");
        nginx.Log.Should().Contain(static line => line.StartsWith("GET /index.yaml HTTP/1.1|", StringComparison.Ordinal));
        nginx.Log.Should().Contain(static line => line.StartsWith("GET /hello-0.1.0.tgz HTTP/1.1|", StringComparison.Ordinal));
        if (string.Equals(transport, "direct", StringComparison.Ordinal))
        {
            // The password was the caller's cluster token, and goes on as such; over the API server it ends there (contract F23, F25).
            nginx.Log.Should().OnlyContain(static line => line.EndsWith($"|charts.default.svc.cluster.local|Bearer {ServiceWorld.Ann()}", StringComparison.Ordinal));
        }
        else
        {
            nginx.Log.Should().OnlyContain(static line => line.EndsWith("|-", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Helm_is_refused_with_a_wrong_password_and_without_the_right_to_the_Service()
    {
        using var helm = new Helm();
        await using var nginx = await NginxServer.StartAsync(await helm.MakeRepositoryAsync());
        await using var world = await ServiceWorld.StartAsync("direct");
        world.AddService("charts", nginx.Port);
        var url = $"{world.Https}/serviceproxy/default/charts/";

        var wrong = await helm.TryAsync("repo", "add", "wrong", url, "--username", "x", "--password", "nobody-has-this", "--ca-file", world.AuthorityFile);
        var eve = await helm.TryAsync("repo", "add", "eve", url, "--username", "x", "--password", ServiceWorld.Eve(), "--ca-file", world.AuthorityFile);
        var none = await helm.TryAsync("repo", "add", "none", url, "--ca-file", world.AuthorityFile);

        wrong.ExitCode.Should().NotBe(0);
        wrong.Errors.Should().Contain("401");
        eve.ExitCode.Should().NotBe(0);
        eve.Errors.Should().Contain("403");
        none.ExitCode.Should().NotBe(0);
        none.Errors.Should().Contain("401");
        nginx.Log.Should().BeEmpty();
    }

    [Theory]
    [InlineData("direct", "")]
    [InlineData("apiserver", "")]
    [InlineData("direct", "/clusters/main")]
    public async Task The_documented_example_lists_the_charts_of_the_demo(string transport, string prefix)
    {
        await using var world = await ServiceWorld.StartAsync(transport);

        var answer = await world.CurlAsync($"{prefix}/serviceproxy/default/my-catalog-chartmuseum/api/charts", ServiceWorld.Ann());

        answer.Status.Should().Be(200, answer.Body);
        answer.Header("Content-Type").Should().Be("application/json");
        answer.Header("Fairlead-Transport").Should().Be(transport);
        using var charts = JsonDocument.Parse(answer.Body);
        charts.RootElement.GetProperty("hello")[0].GetProperty("version").GetString().Should().Be("0.1.0");
    }
}
