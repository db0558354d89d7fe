using System.Net;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text.Json;
using Fairlead.Callers;
using Fairlead.Callers.Tokens;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Kubernetes.Secrets;

namespace Fairlead.Access;

/// <summary>
/// A Backstage's permission backend as one more judge of what its users do at the Backstage door (contract S34, F48; <c>@backstage/plugin-permission-common</c>,
/// <c>PermissionClient</c>). It is asked with the user's own token, before anything is looked up (S3); what it does not clearly allow is refused.
/// </summary>
internal sealed partial class PortalPermissions
{
    /// <summary>To use the proxy.</summary>
    public static readonly PortalPermission Proxy = new("basic", "kubernetes.proxy", new PortalPermissionAttributes());

    /// <summary>To list the clusters.</summary>
    public static readonly PortalPermission ReadClusters = new("basic", "kubernetes.clusters.read", new PortalPermissionAttributes("read"));

    /// <summary>How long a no is good for.</summary>
    public static readonly TimeSpan DeniedFor = TimeSpan.FromSeconds(2);

    private const string AuthorizePath = "/api/permission/authorize";
    private const int Capacity = 4096;

    private readonly BackstageOptions _portal;
    private readonly TimeSpan _allowedFor;
    private readonly Uri _url;
    private readonly IssuerHttp _http;
    private readonly ExpiringCache<Question, Refusal?> _answers;
    private readonly ILogger<PortalPermissions> _logger;

    private PortalPermissions(BackstageOptions portal, TimeSpan allowedFor, TimeProvider time, ILogger<PortalPermissions> logger)
    {
        (_portal, _allowedFor, _logger) = (portal, allowedFor, logger);
        _url = new Uri(portal.Url.OriginalString + AuthorizePath);
        _http = new IssuerHttp(portal.CaFile, skipVerify: false);
        _answers = new(Capacity, time);
    }

    /// <summary>The judge of a configuration: the one in force, where nothing has changed; null where there is none.</summary>
    /// <param name="portal">The portal.</param>
    /// <param name="allowedFor">How long a yes is good for.</param>
    /// <param name="previous">What is in force.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public static PortalPermissions? For(BackstageOptions? portal, TimeSpan allowedFor, PortalPermissions? previous, TimeProvider time, ILogger<PortalPermissions> logger) =>
        portal is not { Permissions: true } ? null
        : previous is not null && previous._portal.Url == portal.Url && string.Equals(previous._portal.CaFile, portal.CaFile, StringComparison.Ordinal) ? previous
        : new PortalPermissions(portal, allowedFor, time, logger);

    /// <summary>The refusal; null when the portal allows it, or does not judge this caller.</summary>
    /// <param name="identified">Who asks.</param>
    /// <param name="permission">For what.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask<Refusal?> RefuseAsync(Identified identified, PortalPermission permission, CancellationToken cancellationToken)
    {
        // Machines are what Backstage calls service principals: it does not judge them (S34). The access rules do.
        if (identified.Login is LoginKind.Static or LoginKind.BackstageService)
        {
            return default;
        }

        if (identified.PortalToken is not { } token)
        {
            return new(new Refusal(
                RefusalReason.NotAllowed,
                $"Unauthorized: the portal decides here who has {permission.Name} (auth.backstage.permissions), and it knows its own users only; send the token that Backstage has issued to you") { Judge = Judge.Portal });
        }

        var question = new Question(TokenHash.Of(token.Reveal()), permission.Name);
        return _answers.TryGet(question, out var known) ? new(known)
            : _answers.GetAsync(question, () => AskAsync(token, permission), LifetimeOf, cancellationToken);
    }

    private TimeSpan LifetimeOf(Refusal? refusal) => refusal?.Reason switch
    {
        null => _allowedFor,
        RefusalReason.NotAllowed or RefusalReason.IllegalToken => DeniedFor,
        _ => TimeSpan.Zero,
    };

    private async Task<Refusal?> AskAsync(Secret token, PortalPermission permission)
    {
        var id = Guid.NewGuid().ToString();
        var body = JsonSerializer.SerializeToUtf8Bytes(new AuthorizeRequest([new AuthorizeItem(id, permission)]), PermissionJson.Default.AuthorizeRequest);
        using var request = new HttpRequestMessage(HttpMethod.Post, _url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token.Reveal());
        var reply = await _http.SendAsync(request, CancellationToken.None);
        switch (reply)
        {
            case { Problem: null, Status: HttpStatusCode.Unauthorized }:
                return new Refusal(RefusalReason.IllegalToken, "Illegal token");

            case { Problem: null, Status: HttpStatusCode.OK } when ResultIn(reply.Body, id) is { } result:
                // A condition is about a resource; these permissions are about none.
                return result is "ALLOW" ? null
                    : new Refusal(RefusalReason.NotAllowed, $"Unauthorized: the portal does not give you the permission {permission.Name}") { Judge = Judge.Portal };
        }

        LogUnanswered(_url, permission.Name, reply.Problem ?? $"{(int)reply.Status}, which is no answer to the question");
        return new Refusal(RefusalReason.LoginUnavailable, $"The portal does not say whether you have the permission {permission.Name}; try again later");
    }

    private static string? ResultIn(byte[] body, string id)
    {
        try
        {
            return JsonSerializer.Deserialize(body, PermissionJson.Default.AuthorizeResponse)?.Items is [{ Result: { } result } item] && string.Equals(item.Id, id, StringComparison.Ordinal)
                ? result : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [LoggerMessage(EventId = 703, Level = LogLevel.Warning, Message = "{Url} gave no answer about {Permission}: {Problem}")]
    private partial void LogUnanswered(Uri url, string permission, string problem);

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Question(TokenHash Token, string Permission);
}
