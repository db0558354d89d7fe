using Fairlead.Testing.Processes;
using Xunit;

namespace Fairlead.FunctionalTests.Sessions;

/// <summary>One redis-server for the tests of a class. They do not see each other's entries: each has a secret of its own, and all names come from it.</summary>
public sealed class RedisFixture : IAsyncLifetime
{
    private RedisServer? _server;

    internal RedisServer Server
    {
        get
        {
            RedisServer.SkipIfMissing();
            return _server!;
        }
    }

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (ExternalTools.RedisServer.IsAvailable)
        {
            _server = await RedisServer.StartAsync();
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? default;
}
