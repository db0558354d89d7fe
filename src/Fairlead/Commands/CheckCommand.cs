using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text.Json;
using Fairlead.Clusters;
using Fairlead.Clusters.Sources;
using Fairlead.Configuration;
using Fairlead.Credentials;
using Fairlead.Forwarding;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Documents;

namespace Fairlead.Commands;

/// <summary><c>fairlead check</c>: reads the configuration, reaches every cluster with the gateway's own credential, and says what is wrong.</summary>
internal static class CheckCommand
{
    private const int LongestVersion = 1024 * 1024;

    /// <summary>Runs the check.</summary>
    /// <returns>0 when everything works, else 1.</returns>
    public static async Task<int> RunAsync(ConfigurationReader read, ClusterSources sources, TextWriter output, CancellationToken cancellationToken)
    {
        var result = read();
        if (result.Options is not { } options)
        {
            foreach (var error in result.Errors)
            {
                await output.WriteLineAsync(error.ToString());
            }

            await output.WriteLineAsync($"{result.Errors.Count} errors in the configuration");
            return 1;
        }

        foreach (var notice in options.Notices)
        {
            await output.WriteLineAsync($"note: {notice}");
        }

        var wrong = 0;
        var (catalog, states) = await CatalogFactory.BuildOnceAsync(options, sources, cancellationToken);
        foreach (var problem in states.SelectMany(static state => state.Wrong))
        {
            wrong++;
            await output.WriteLineAsync(problem);
        }

        await WriteSourcesAsync(states, output);
        var findings = await Task.WhenAll(catalog.Clusters.Select(cluster => LookAtAloneAsync(cluster, options.Timeouts, cancellationToken)));
        var width = Math.Max("CLUSTER".Length, catalog.Clusters.Select(static cluster => NameOf(cluster).Length).DefaultIfEmpty().Max());
        await output.WriteLineAsync($"{"CLUSTER".PadRight(width)}  RESULT");
        foreach (var (cluster, finding) in catalog.Clusters.Zip(findings))
        {
            wrong += finding.IsWrong ? 1 : 0;
            await output.WriteLineAsync($"{NameOf(cluster).PadRight(width)}  {(finding.IsWrong ? "WRONG" : "ok")}: {finding.Text}");
        }

        foreach (var cluster in catalog.Clusters)
        {
            if (CatalogFactory.FindRisk(cluster.Definition) is { } risk)
            {
                await output.WriteLineAsync($"note: cluster '{NameOf(cluster)}': {risk}");
            }
        }

        foreach (var unknown in CatalogFactory.UnknownIn(options.ServiceProxy, catalog))
        {
            wrong++;
            await output.WriteLineAsync($"wrong: {unknown}");
        }

        foreach (var problem in await LoginNotes.WrongAsync(options, cancellationToken))
        {
            wrong++;
            await output.WriteLineAsync($"wrong: {problem}");
        }

        foreach (var note in options.ServiceProxy.Enabled ? (await Task.WhenAll(catalog.Clusters.Select(cluster => NotesAloneAsync(cluster, options.ServiceProxy, cancellationToken)))).SelectMany(static notes => notes) : [])
        {
            await output.WriteLineAsync($"note: {note}");
        }

        if (catalog.Clusters.Count == 0)
        {
            wrong++;
            await output.WriteLineAsync("wrong: no clusters; add a source to kubernetes.clusterLocatorMethods, or give --kubeconfig");
        }

        return wrong == 0 ? 0 : 1;
    }

    private static async Task WriteSourcesAsync(IReadOnlyList<SourceState> states, TextWriter output)
    {
        var width = Math.Max("SOURCE".Length, states.Select(static state => state.Name.Length).DefaultIfEmpty().Max());
        await output.WriteLineAsync($"{"SOURCE".PadRight(width)}  RESULT");
        foreach (var state in states)
        {
            await output.WriteLineAsync($"{state.Name.PadRight(width)}  {(state.Wrong.Any() ? "WRONG" : "ok")}: {state.Count}");
        }
    }

    /// <summary>Its name as a terminal may get it: others than the operator may have chosen it.</summary>
    private static string NameOf(Cluster cluster) => NodePath.Printable(cluster.Definition.QualifiedName);

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "A cluster that fails in whatever way fails alone: the others are checked.")]
    private static async Task<Finding> LookAtAloneAsync(Cluster cluster, TimeoutOptions timeouts, CancellationToken cancellationToken)
    {
        try
        {
            return await LookAtAsync(cluster, timeouts, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return new Finding(true, $"cannot be checked ({exception.GetType().Name}: {NodePath.Printable(exception.Message)})");
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "A cluster that fails in whatever way fails alone: the others are checked.")]
    private static async Task<IReadOnlyList<string>> NotesAloneAsync(Cluster cluster, ServiceProxyOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await ServiceNotes.OfAsync(cluster, options);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return [$"cluster '{NameOf(cluster)}': what its account may do cannot be asked ({exception.GetType().Name})"];
        }
    }

    private static async Task<Finding> LookAtAsync(Cluster cluster, TimeoutOptions timeouts, CancellationToken cancellationToken)
    {
        var definition = cluster.Definition;
        if (CatalogFactory.FindProblem(definition, TimeProvider.System) is { } problem)
        {
            return new Finding(true, problem);
        }

        var isImpersonated = definition.Credential is CredentialDefinition.Impersonate;
        var own = !definition.Credential.HasAccount && !isImpersonated;
        var credential = isImpersonated ? await cluster.Planned.GetImpersonatorAsync("", cancellationToken)
            : own ? new CredentialResult(new UpstreamCredential.None(), null) : await cluster.Credentials.GetAsync(cancellationToken);
        return credential.Credential is { } usable
            ? await AskVersionAsync(cluster, usable, own, timeouts, cancellationToken)
            : new Finding(true, credential.Problem ?? "no credential");
    }

    private static async Task<Finding> AskVersionAsync(
        Cluster cluster, UpstreamCredential credential, bool own, TimeoutOptions timeouts, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeouts.Connect + timeouts.Connect);
        var handler = cluster.Upstream.Rent(credential.Certificate);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, cluster.Upstream.Prefix + "/version") { Version = HttpVersion.Version20 };
            request.Headers.Host = cluster.Upstream.HostName;
            credential.WriteTo(request);

            using var response = await handler.Invoker.SendAsync(request, limit.Token);
            await using var body = new BoundedStream(await response.Content.ReadAsStreamAsync(limit.Token), LongestVersion);
            using var reader = new StreamReader(body);
            return Judge(cluster, response.StatusCode, await reader.ReadToEndAsync(limit.Token), own);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            var reason = UpstreamFailure.Classify(exception);
            return new Finding(true, $"{UpstreamFailure.Message(reason, $"Cluster '{NodePath.Printable(cluster.Definition.Name)}'")} ({cluster.Definition.Connection.Server}); {Advice(reason)}");
        }
        catch (InvalidDataException exception)
        {
            return new Finding(true, $"{exception.Message} at GET /version; is the url an API server's?");
        }
        finally
        {
            handler.Return();
        }
    }

    private static Finding Judge(Cluster cluster, HttpStatusCode status, string body, bool own)
    {
        if (own)
        {
            return new Finding(false, $"reachable ({(int)status}); callers bring their own token");
        }

        if (status is not HttpStatusCode.OK)
        {
            return new Finding(true, $"answers {(int)status} to GET /version; {(status is HttpStatusCode.Unauthorized ? "the credential is not accepted, renew it" : "check what the credential may do")}");
        }

        try
        {
            using var json = JsonDocument.Parse(body);
            return new Finding(false, $"{NodePath.Printable(json.RootElement.GetProperty("gitVersion").GetString() ?? "")} as {cluster.Definition.Credential.GetType().Name}");
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return new Finding(true, "answers GET /version with something else than a Kubernetes version; is the url an API server's?");
        }
    }

    private static string Advice(RefusalReason reason) => reason switch
    {
        RefusalReason.ConnectionRefused => "is the API server running, and is the port of url right?",
        RefusalReason.NameNotResolved => "check the host name of url",
        RefusalReason.ClusterAddressNotAllowed => "its URL comes from the catalog",
        RefusalReason.CertificateNotTrusted => "set caFile or caData to the authority that signed its certificate",
        RefusalReason.CertificateWrongHost => "use the name that stands in the certificate in url, or set tls-server-name in the kubeconfig",
        RefusalReason.CertificateExpired => "renew the API server's certificate, and check the clock",
        RefusalReason.ConnectTimeout or RefusalReason.ResponseTimeout => "is there a network path to it?",
        _ => "check url",
    };

    private sealed record Finding(bool IsWrong, string Text);
}
