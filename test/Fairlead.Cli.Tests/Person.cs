using System.Text.Json;
using Fairlead.Cli.Gateways;
using Fairlead.Cli.Sessions;
using Fairlead.Testing;

namespace Fairlead.Cli.Tests;

/// <summary>Somebody with a home folder of their own, who runs commands in this process.</summary>
internal sealed class Person : IDisposable
{
    private readonly TempFolder _home = new();

    /// <summary>The gateway of most tests.</summary>
    public static GatewayAddress Gateway { get; } = GatewayAddress.Parse("https://gateway.test");

    /// <summary>The environment.</summary>
    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    /// <summary>The home folder.</summary>
    public TempFolder Home => _home;

    /// <summary>Where logins are kept.</summary>
    public string Cache => _home.PathOf("cache/fairlead");

    /// <summary>What was printed.</summary>
    public StringWriter Output { get; } = new();

    /// <summary>What was said.</summary>
    public StringWriter Errors { get; } = new();

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Whether they sit in front of the machine.</summary>
    public bool IsInteractive { get; init; }

    /// <summary>What a command sees.</summary>
    public Surroundings Surroundings => new()
    {
        Variable = name => name is "HOME" ? _home.Path : name is "XDG_CACHE_HOME" ? _home.PathOf("cache") : Environment.GetValueOrDefault(name),
        Output = Output,
        Errors = Errors,
        IsInteractive = IsInteractive,
        OpenBrowser = static _ => false,
        Time = Time,
    };

    /// <summary>Their logins.</summary>
    public SessionStore Store => SessionStore.Open(Surroundings);

    /// <summary>A login that is good for an hour from now on.</summary>
    /// <param name="issuer">The provider.</param>
    /// <param name="age">How long ago it was made.</param>
    /// <param name="refreshToken">Its refresh token.</param>
    public Session Login(string issuer = "https://idp.test", TimeSpan age = default, string? refreshToken = "first")
    {
        var now = Time.GetUtcNow() - age;
        var session = new Session
        {
            Version = Session.CurrentVersion, Server = Gateway.Text, Provider = "oidc", Issuer = issuer, ClientId = ScriptedProvider.ClientId, Subject = "alice",
            IdToken = "kept-token", ExpiresAt = now.AddHours(1), RefreshAt = now.AddMinutes(59), RefreshToken = refreshToken,
        };
        Store.Write(Gateway, session);
        return session;
    }

    /// <summary>Runs a command.</summary>
    public Task<int> RunAsync(params string[] arguments) => CommandLine.RunAsync(arguments, Surroundings);

    /// <summary>The credential that was printed, and nothing beside it.</summary>
    public JsonElement Credential() => JsonSerializer.Deserialize<JsonElement>(Output.ToString());

    /// <inheritdoc/>
    public void Dispose() => _home.Dispose();
}
