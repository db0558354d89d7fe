using System.Net.Sockets;

namespace Fairlead.Cli.Logins;

/// <summary>A browser that has come back from the provider and waits for a page.</summary>
internal sealed class LoopbackCallback(IReadOnlyDictionary<string, string> query, TcpClient connection) : IDisposable
{
    /// <summary>A value of the query; null for none.</summary>
    public string? this[string name] => query.GetValueOrDefault(name);

    /// <summary>Shows a page. A browser that has gone is no failure: the login is what counts.</summary>
    public async Task ShowAsync(string title, string text)
    {
        try
        {
            await connection.GetStream().WriteAsync(LoopbackPage.Of("200 OK", title, text));
            connection.Client.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
        }
    }

    /// <inheritdoc/>
    public void Dispose() => connection.Dispose();
}
