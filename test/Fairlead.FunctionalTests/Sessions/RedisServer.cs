using System.Globalization;
using System.Runtime.InteropServices;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Sessions;
using Fairlead.Testing;
using Fairlead.Testing.Certificates;
using Fairlead.Testing.Processes;
using StackExchange.Redis;
using Xunit;

namespace Fairlead.FunctionalTests.Sessions;

/// <summary>A real redis-server on loopback that can be stopped and started again on its port. What it keeps is in a folder, and not compressed.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private const int Attempts = 5;

    private readonly TempFolder _folder;
    private readonly List<string> _arguments;
    private RunningProcess? _process;

    private RedisServer(TempFolder folder, List<string> arguments, int port, string? password)
    {
        _folder = folder;
        _arguments = arguments;
        Port = port;
        Password = password;
    }

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    /// <summary>Its password, if it has one.</summary>
    public string? Password { get; }

    /// <summary>Its address for the store, without TLS.</summary>
    public RedisAddress Address => new() { Host = "127.0.0.1", Port = Port, Password = Password is null ? null : new Secret(Password) };

    /// <summary>Skips the test where there is no redis-server.</summary>
    public static void SkipIfMissing() => Assert.SkipUnless(ExternalTools.RedisServer.IsAvailable, ExternalTools.RedisServer.WhyMissing);

    /// <summary>Starts one; skips the test where there is no redis-server.</summary>
    /// <param name="password">The password that it asks for.</param>
    /// <param name="certificate">Its certificate; it then speaks TLS only.</param>
    /// <param name="keeps">Whether it writes everything to its folder at once and reads it at the start.</param>
    public static async Task<RedisServer> StartAsync(string? password = null, TestCertificate? certificate = null, bool keeps = false)
    {
        SkipIfMissing();
        for (var attempt = 1; ; attempt++)
        {
            var folder = new TempFolder();
            var port = FreePort.Next();
            var server = new RedisServer(folder, ArgumentsOf(folder, port, password, certificate, keeps), port, password);
            try
            {
                await server.StartAgainAsync();
                return server;
            }
            catch (InvalidOperationException) when (attempt < Attempts)
            {
                // Somebody else was faster to take the port.
                await server.DisposeAsync();
            }
        }
    }

    /// <summary>Starts it again, with what it kept.</summary>
    public async Task StartAgainAsync()
    {
        _process = RunningProcess.Start(ExternalTools.RedisServer.Require(), _arguments, workingDirectory: _folder.Path);
        await _process.WaitForLineAsync("Ready to accept connections");
    }

    /// <summary>Stops it; what it has not written by then is lost.</summary>
    public async Task StopAsync()
    {
        _process!.Signal(PosixSignal.SIGTERM);
        await _process.WaitForExitAsync();
        await _process.DisposeAsync();
        _process = null;
    }

    /// <summary>Sends it a signal.</summary>
    public void Signal(int number) => _process!.Signal(number);

    /// <summary>A connection for looking into it.</summary>
    public async Task<ConnectionMultiplexer> ConnectAsync()
    {
        var options = new ConfigurationOptions { EndPoints = { { "127.0.0.1", Port } }, Password = Password, AllowAdmin = true };
        return await ConnectionMultiplexer.ConnectAsync(options);
    }

    /// <summary>All that it has written into its folder: its log of commands and its snapshots.</summary>
    public byte[][] Files() => [.. Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories).Select(ReadShared)];

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await (_process?.DisposeAsync() ?? default);
        _folder.Dispose();
    }

    private static List<string> ArgumentsOf(TempFolder folder, int port, string? password, TestCertificate? certificate, bool keeps)
    {
        var number = port.ToString(CultureInfo.InvariantCulture);
        List<string> arguments =
        [
            "--bind", "127.0.0.1", "--dir", folder.Path, "--save", "", "--rdbcompression", "no",
            "--appendonly", keeps ? "yes" : "no", "--appendfsync", "always", "--port", certificate is null ? number : "0",
        ];
        if (password is not null)
        {
            arguments.AddRange(["--requirepass", password]);
        }

        if (certificate is not null)
        {
            var (file, key) = certificate.WriteTo(folder, "redis");
            arguments.AddRange(["--tls-port", number, "--tls-cert-file", file, "--tls-key-file", key, "--tls-auth-clients", "no"]);
        }

        return arguments;
    }

    private static byte[] ReadShared(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
