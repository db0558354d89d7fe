using System.Collections.Concurrent;
using Fairlead.Demo.Access;
using Fairlead.Demo.Pods;
using Fairlead.Demo.Resources;
using Fairlead.Demo.Storage;

namespace Fairlead.Demo.Serving;

/// <summary>The way of a request through the stand-in: who, on whose behalf, may they, then the answer.</summary>
internal sealed class ApiServer(ObjectStore store, Authenticator authenticator, PodStreams pods, ServiceProxy services) : IDisposable
{
    private const int Kept = 10_000;
    private readonly Authorizer _authorizer = new(store);
    private readonly ObjectApi _objects = new(store);

    private readonly ConcurrentQueue<ServedRequest> _requests = new();
    private CancellationTokenSource _failing = new();
    private volatile int _failure;

    /// <summary>The last requests, oldest first.</summary>
    public IReadOnlyList<ServedRequest> Requests => [.. _requests];

    /// <summary>Answers everything with this status, and ends what runs; 0 ends that.</summary>
    public void Fail(int status)
    {
        _failure = status;
        using var running = Interlocked.Exchange(ref _failing, new CancellationTokenSource());
        running.Cancel();
    }

    /// <inheritdoc/>
    public void Dispose() => _failing.Dispose();

    /// <summary>Answers a request.</summary>
    public async Task HandleAsync(HttpContext http)
    {
        await using var ended = _failing.Token.UnsafeRegister(static state => ((HttpContext)state!).Abort(), http);
        try
        {
            if (_failure is var failure and not 0)
            {
                Record("", http);
                throw new ApiException(failure, "InternalError", "the server is out of order");
            }

            var caller = Impersonated(http, authenticator.Identify(http));
            Record(caller.Name, http);
            if (ApiRequest.Parse(http) is { } request)
            {
                await AnswerAsync(request with { Caller = caller });
            }
            else if (caller == Identity.Anonymous)
            {
                throw new ApiException(403, "Forbidden", $"forbidden: User \"{caller.Name}\" cannot get path \"{http.Request.Path}\"");
            }
            else if (!await Discovery.TryAnswerAsync(http))
            {
                throw new ApiException(404, "NotFound", "the server could not find the requested resource");
            }
        }
        catch (ApiException refusal) when (!http.Response.HasStarted)
        {
            await Answers.WriteAsync(http, refusal);
        }
    }

    private void Record(string user, HttpContext http)
    {
        _requests.Enqueue(new ServedRequest(user, http.Request.Method, http.Request.Path + http.Request.QueryString));
        if (_requests.Count > Kept)
        {
            _requests.TryDequeue(out _);
        }
    }

    private Task AnswerAsync(ApiRequest request)
    {
        var opensStream = request.Subresource is "exec" or "attach" or "portforward";
        var resource = request.Type.Plural + (request.Subresource.Length == 0 ? "" : "/" + request.Subresource);
        Demand(request.Caller, new Attributes(opensStream ? "create" : request.Verb, request.Type.Group, resource, request.Namespace, request.Name), request.Type);
        return request.Subresource switch
        {
            "log" => pods.LogAsync(request, Existing(request)),
            "exec" when Existing(request) is not null => PodStreams.ExecAsync(request.Http, [.. request.Http.Request.Query["command"].Select(static word => word ?? "")]),
            "attach" when Existing(request) is not null => PodStreams.ExecAsync(request.Http, ["cat"]),
            "proxy" when request.Type.Plural is "services" => services.AnswerAsync(request),
            _ when ResourceCatalog.Reviews.Contains(request.Type) => new Reviews(authenticator, _authorizer).AnswerAsync(request),
            "" or "status" or "scale" => _objects.AnswerAsync(request),
            _ => throw new ApiException(404, "NotFound", "the server could not find the requested resource"),
        };
    }

    private System.Text.Json.Nodes.JsonObject Existing(ApiRequest request) =>
        store.Get(request.Type, request.Namespace, request.Name) ?? throw ObjectStore.NotFound(request.Type, request.Name);

    private void Demand(Identity who, Attributes what, ResourceType? type)
    {
        if (_authorizer.Allows(who, what))
        {
            return;
        }

        var subject = type?.QualifiedName ?? what.Resource;
        throw new ApiException(403, "Forbidden", $"{subject}{(what.Name.Length == 0 ? "" : $" \"{what.Name}\"")} is forbidden: {Authorizer.Refusal(who, what)}")
        {
            Kind = type?.Plural ?? what.Resource, Group = what.Group, Name = what.Name,
        };
    }

    private Identity Impersonated(HttpContext http, Identity caller)
    {
        var headers = http.Request.Headers;
        if (headers["Impersonate-User"] is not [{ } user])
        {
            return caller;
        }

        Demand(caller, new Attributes("impersonate", "", "users", "", user), null);
        var groups = headers["Impersonate-Group"].Select(static group => group!).ToArray();
        foreach (var group in groups)
        {
            Demand(caller, new Attributes("impersonate", "", "groups", "", group), null);
        }

        return new Identity(user, [.. groups, "system:authenticated"]);
    }
}

/// <summary>A request that the stand-in has seen.</summary>
/// <param name="User">The user's name, after impersonation.</param>
/// <param name="Method">The HTTP method.</param>
/// <param name="Target">Path and query.</param>
public sealed record ServedRequest(string User, string Method, string Target);
