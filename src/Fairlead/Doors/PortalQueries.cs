using Fairlead.Audit;
using Fairlead.Callers;
using Fairlead.Callers.Tokens;
using Fairlead.Configuration;
using Fairlead.Forwarding;
using Fairlead.Kubernetes.Connections;

namespace Fairlead.Doors;

/// <summary>
/// Queries by catalog entity (contract S37, F46; decision 26): they need the portal's catalog, so its own backend answers them, to whom it knows by the
/// token that it has issued itself. Only the token, the body and what the body is go there, and only the answer comes back.
/// </summary>
internal sealed class PortalQueries(CallerStage callers, TimeProvider time)
{
    private static readonly TimeSpan _toHeaders = TimeSpan.FromSeconds(100);
    private readonly Lock _lock = new();
    private (string? CaFile, IssuerHttp Http)? _connections;

    /// <summary>Answers.</summary>
    public async Task<Refusal?> AnswerAsync(HttpContext http, InboundRequest request, DoorRoute.PortalQuery route, GatewaySnapshot snapshot, AuditRecord record)
    {
        if (snapshot.Options.Auth?.Backstage is not { } portal)
        {
            return new Refusal(
                RefusalReason.NotImplemented,
                "Queries by catalog entity need the portal's catalog; configure auth.backstage.url, or ask the portal's own Kubernetes backend for /services and /resources");
        }

        var (identified, refusal) = await callers.IdentifyAsync(request, snapshot, http.RequestAborted);
        if (identified is null)
        {
            return refusal;
        }

        record.CalledBy(identified);
        if (identified.Login is not (LoginKind.Backstage or LoginKind.BackstageService))
        {
            return new Refusal(RefusalReason.NotAllowed, "Unauthorized to query the portal: send the token that Backstage has issued to you");
        }

        using var forwarded = new HttpRequestMessage(new HttpMethod(request.Method), portal.Url.OriginalString + BackstageDoor.Prefix + request.Target.Raw[route.PrefixLength..]);
        forwarded.Headers.TryAddWithoutValidation("Authorization", request.Authorization[0]);
        forwarded.Headers.TryAddWithoutValidation("Accept", "application/json");
        if (request.Method is "POST")
        {
            forwarded.Content = new StreamContent(http.Request.Body);
            forwarded.Content.Headers.TryAddWithoutValidation("Content-Type", http.Request.ContentType ?? "application/json");
        }

        using var limit = new CancellationTokenSource(_toHeaders, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, http.RequestAborted);
        HttpResponseMessage answer;
        try
        {
            answer = await ConnectionsFor(portal).OpenAsync(forwarded, either.Token);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or TlsMaterialException || (exception is OperationCanceledException && !http.RequestAborted.IsCancellationRequested))
        {
            var reason = exception is TlsMaterialException ? RefusalReason.CredentialUnavailable : UpstreamFailure.Classify(exception);
            return new Refusal(reason, UpstreamFailure.Message(reason, "The portal"));
        }

        using (answer)
        {
            http.Response.StatusCode = (int)answer.StatusCode;
            http.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
            http.Response.ContentLength = answer.Content.Headers.ContentLength;
            http.Response.Headers.XContentTypeOptions = "nosniff";
            http.Response.Headers.CacheControl = "no-store";
            await answer.Content.CopyToAsync(http.Response.Body, http.RequestAborted);
        }

        return null;
    }

    private IssuerHttp ConnectionsFor(BackstageOptions portal)
    {
        lock (_lock)
        {
            if (_connections is not var (caFile, connections) || !string.Equals(caFile, portal.CaFile, StringComparison.Ordinal))
            {
                connections = new IssuerHttp(portal.CaFile, skipVerify: false);
                _connections = (portal.CaFile, connections);
            }

            return connections;
        }
    }
}
