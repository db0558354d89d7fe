using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Fairlead.Cli.Tests;

/// <summary>A provider that answers what a test says, for answers that no real one can be made to give. Logins with a real one are end-to-end tests.</summary>
internal sealed class ScriptedProvider : IAsyncDisposable
{
    /// <summary>The client's id.</summary>
    public const string ClientId = "cli";

    private readonly ConcurrentQueue<(int Status, object Body)> _answers = new();
    private readonly ConcurrentQueue<IReadOnlyDictionary<string, string>> _asked = new();
    private WebApplication? _app;

    /// <summary>Its issuer.</summary>
    public string Issuer { get; private set; } = "";

    /// <summary>The forms that came to the token endpoint and the others.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, string>> Asked => [.. _asked];

    /// <summary>Starts it.</summary>
    public static async Task<ScriptedProvider> StartAsync()
    {
        var provider = new ScriptedProvider();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = provider._app = builder.Build();
        app.Run(provider.AnswerAsync);
        await app.StartAsync();
        provider.Issuer = app.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return provider;
    }

    /// <summary>Queues an answer of the endpoints that take forms.</summary>
    public void Answer(object body, int status = 200) => _answers.Enqueue((status, body));

    /// <summary>Queues an error.</summary>
    public void Fail(string error, string? description = null) => Answer(new { error, error_description = description }, status: 400);

    /// <summary>Queues tokens of alice.</summary>
    /// <param name="refreshToken">The next refresh token.</param>
    /// <param name="claims">What the ID token says instead of what it should.</param>
    public string Grant(string refreshToken, params (string Name, object Value)[] claims)
    {
        var token = Token(claims);
        Answer(new { id_token = token, refresh_token = refreshToken, token_type = "Bearer" });
        return token;
    }

    /// <summary>An ID token for the client; nobody here looks at its signature.</summary>
    public string Token(params (string Name, object Value)[] claims)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var all = new Dictionary<string, object>(StringComparer.Ordinal) { ["iss"] = Issuer, ["sub"] = "alice", ["aud"] = ClientId, ["iat"] = now, ["exp"] = now + 3600 };
        foreach (var (name, value) in claims)
        {
            all[name] = value;
        }

        return $"e30.{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(all))}.c2ln";
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app!.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        if (http.Request.Path == "/.well-known/openid-configuration")
        {
            await http.Response.WriteAsync(JsonSerializer.Serialize(new
            {
                issuer = Issuer, token_endpoint = Issuer + "/token", device_authorization_endpoint = Issuer + "/device", revocation_endpoint = Issuer + "/revoke",
            }));
            return;
        }

        var form = await http.Request.ReadFormAsync();
        _asked.Enqueue(form.ToDictionary(static field => field.Key, static field => field.Value.ToString(), StringComparer.Ordinal));
        var (status, body) = _answers.TryDequeue(out var next) ? next : (500, "nothing more was expected");
        http.Response.StatusCode = status;
        await http.Response.WriteAsync(body as string ?? JsonSerializer.Serialize(body));
    }
}
