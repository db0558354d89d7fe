using System.Globalization;
using System.Net;

namespace Fairlead.Testing.Processes;

/// <summary>An upstream in a process of its own (<c>test/Fairlead.UpstreamProgram</c>), which a test can kill, stop, and start again at its address.</summary>
public sealed class UpstreamProcess : IAsyncDisposable
{
    private const int Attempts = 5;

    private UpstreamProcess(string address, int port)
    {
        Address = address;
        Port = port;
    }

    /// <summary>The process that runs now.</summary>
    public RunningProcess Process { get; private set; } = null!;

    /// <summary>Where it listens.</summary>
    public string Address { get; }

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    /// <summary>Starts one.</summary>
    /// <param name="certificate">Its certificate and key, as files; plain HTTP/1.1 without.</param>
    /// <param name="address">An address of the loopback network.</param>
    /// <param name="port">The port; the system chooses when null.</param>
    public static async Task<UpstreamProcess> StartAsync((string CertificateFile, string KeyFile)? certificate = null, string address = "127.0.0.1", int? port = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            var upstream = new UpstreamProcess(address, port ?? FreePort.Next(IPAddress.Parse(address)));
            try
            {
                await upstream.StartAgainAsync(certificate);
                return upstream;
            }
            catch (InvalidOperationException) when (port is null && attempt < Attempts)
            {
                // Somebody else was faster to take the port.
                await upstream.DisposeAsync();
            }
        }
    }

    /// <summary>Starts it again at its address, after <see cref="KillAsync"/>.</summary>
    public async Task StartAgainAsync((string CertificateFile, string KeyFile)? certificate = null)
    {
        List<string> arguments = [Path.Combine(AppContext.BaseDirectory, "Fairlead.UpstreamProgram.dll"), Address, Port.ToString(CultureInfo.InvariantCulture)];
        if (certificate is { } files)
        {
            arguments.AddRange([files.CertificateFile, files.KeyFile]);
        }

        await (Process?.DisposeAsync() ?? default);
        Process = RunningProcess.Start("dotnet", arguments);
        await Process.WaitForLineAsync("^listens on ");
    }

    /// <summary>Kills it, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        Process.Signal(SignalNumber.Kill);
        await Process.WaitForExitAsync();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Process.DisposeAsync();
}
