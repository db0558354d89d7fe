using System.Globalization;
using System.Text.Json;
using Fairlead.Clusters;
using Fairlead.Kubernetes.ExecPlugins;
using Fairlead.Testing;
using Fairlead.Testing.Gateways;

namespace Fairlead.FunctionalTests.Credentials;

/// <summary>Credential plugins that a test writes, and what they print.</summary>
internal sealed class ExecPlugins : IDisposable
{
    public TempFolder Folder { get; } = new();

    /// <summary>How often the plugin <paramref name="name"/> has run.</summary>
    public int Runs(string name = "plugin") => File.Exists(Folder.PathOf(name + ".runs")) ? File.ReadAllLines(Folder.PathOf(name + ".runs")).Length : 0;

    /// <summary>Writes a plugin that prints what <see cref="Give"/> says.</summary>
    public string Write(string name = "plugin", string? script = null)
    {
        var path = Folder.Write(name, $"#!/bin/sh\necho run >> '{Folder.PathOf(name + ".runs")}'\n{script ?? $"cat '{Folder.PathOf("credential.json")}'"}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    /// <summary>Says what plugins print from now on.</summary>
    public void Give(string? token = null, string? certificate = null, string? key = null, DateTimeOffset? expiration = null)
    {
        // Moved into place: a plugin never sees half of it.
        var next = Folder.Write("credential.next", JsonSerializer.Serialize(new
        {
            apiVersion = "client.authentication.k8s.io/v1",
            kind = "ExecCredential",
            status = new
            {
                token,
                clientCertificateData = certificate,
                clientKeyData = key,
                expirationTimestamp = expiration?.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
            },
        }));
        File.Move(next, Folder.PathOf("credential.json"), overwrite: true);
    }

    /// <summary>A cluster whose credential a plugin gives.</summary>
    public static ClusterDefinition Cluster(string name, string url, string command, ExecSettings? settings = null) => TestCluster.Of(
        name, url, CredentialDefinition.Exec.Of(new ExecPlugin { Command = command, ApiVersion = ExecApiVersion.V1 }, (settings ?? new ExecSettings()) with { AllowedCommands = [command] }));

    public void Dispose() => Folder.Dispose();
}
