using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Fairlead.Credentials;
using Fairlead.Forwarding;
using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Watching;

namespace Fairlead.Clusters;

/// <summary>The gateway's own calls of a cluster's API server: look-ups and reviews, never a caller's request.</summary>
/// <param name="upstream">The connections.</param>
/// <param name="credentials">The credential that the gateway holds.</param>
/// <param name="responseHeaders">How long an API server may take to answer a request; its own calls wait no longer, and 20 s at most.</param>
/// <param name="contact">Where it is noted that the API server answers; null for nowhere.</param>
internal sealed class ClusterApi(ClusterUpstream upstream, CredentialSource credentials, TimeSpan responseHeaders, ClusterContact? contact = null)
{
    /// <summary>The longest page of a list that is read, in bytes.</summary>
    public const long LongestPage = 32 * 1024 * 1024;

    // An object is 1.5 MiB long at most where the API server keeps it in etcd; a review of many rules can be longer.
    private const long LongestObject = 8 * 1024 * 1024;

    private readonly TimeSpan _limit = responseHeaders < TimeSpan.FromSeconds(20) ? responseHeaders : TimeSpan.FromSeconds(20);

    /// <summary>A GET on the gateway's own credential; the caller disposes of the answer.</summary>
    /// <exception cref="HttpRequestException">There is no usable credential, or the API server could not be asked.</exception>
    public async Task<ApiAnswer> GetAsHeldAsync(string target, CancellationToken cancellationToken)
    {
        var held = await credentials.GetAsync(cancellationToken);
        return held.Credential is { } credential
            ? await SendAsHeldAsync(HttpMethod.Get, target, null, credential, cancellationToken)
            : throw new HttpRequestException(held.Problem ?? "no credential");
    }

    /// <summary>Asks for an object, and reads the answer whole.</summary>
    /// <param name="target">Path and query.</param>
    /// <param name="credential">As whom; null for the credential that the gateway holds.</param>
    /// <param name="answerInfo">Reads the answer.</param>
    /// <param name="longest">The longest answer that is read, in bytes.</param>
    public Task<ApiResult<T>> GetAsync<T>(string target, UpstreamCredential? credential, JsonTypeInfo<T> answerInfo, long longest = LongestObject)
        where T : class => AskAsync(HttpMethod.Get, target, null, credential, answerInfo, longest);

    /// <summary>Sends an object, and reads the answer whole.</summary>
    /// <param name="target">Path and query.</param>
    /// <param name="body">What is sent.</param>
    /// <param name="credential">As whom; null for the credential that the gateway holds.</param>
    /// <param name="info">Writes the object and reads the answer.</param>
    public Task<ApiResult<T>> PostAsync<T>(string target, T body, UpstreamCredential? credential, JsonTypeInfo<T> info)
        where T : class => AskAsync(HttpMethod.Post, target, JsonSerializer.SerializeToUtf8Bytes(body, info), credential, info, LongestObject);

    private async Task<ApiResult<T>> AskAsync<T>(HttpMethod method, string target, byte[]? body, UpstreamCredential? credential, JsonTypeInfo<T> info, long longest)
        where T : class
    {
        // Bounded by its own time, not by the caller's patience: several callers may wait for the same answer.
        using var limit = new CancellationTokenSource(_limit);
        try
        {
            var isHeld = credential is null;
            if (credential is null)
            {
                var held = await credentials.GetAsync(limit.Token);
                if (held.Credential is null)
                {
                    return new ApiResult<T>(HttpStatusCode.Unauthorized, null, null, held.Problem);
                }

                credential = held.Credential;
            }

            using var answer = isHeld ? await SendAsHeldAsync(method, target, body, credential, limit.Token) : await SendAsync(method, target, body, credential, limit.Token);
            if (!answer.Response.IsSuccessStatusCode)
            {
                return new ApiResult<T>(answer.Response.StatusCode, null, null, $"the API server answered {(int)answer.Response.StatusCode}");
            }

            await using var stream = new BoundedStream(await answer.Response.Content.ReadAsStreamAsync(limit.Token), longest);
            return new ApiResult<T>(answer.Response.StatusCode, await JsonSerializer.DeserializeAsync(stream, info, limit.Token), null, null) { Length = stream.Count };
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException or TlsMaterialException or ObjectDisposedException)
        {
            var reason = exception is TlsMaterialException or ObjectDisposedException ? RefusalReason.ClusterUnusable : UpstreamFailure.Classify(exception);
            contact?.Failed(reason);
            return new ApiResult<T>(default, null, reason, UpstreamFailure.Detail(exception));
        }
        catch (Exception exception) when (exception is JsonException or InvalidDataException)
        {
            return new ApiResult<T>(default, null, RefusalReason.InvalidResponse, exception.Message);
        }
    }

    /// <summary>One more try with a new credential, where the API server refuses one that may have been revoked.</summary>
    private async Task<ApiAnswer> SendAsHeldAsync(HttpMethod method, string target, byte[]? body, UpstreamCredential credential, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(method, target, body, credential, cancellationToken);
        if (answer.Response.StatusCode is not HttpStatusCode.Unauthorized || !credentials.MayRenew(credential))
        {
            return answer;
        }

        CredentialResult renewed;
        try
        {
            renewed = await credentials.RenewAsync(credential, cancellationToken);
        }
        catch
        {
            answer.Dispose();
            throw;
        }

        if (renewed.Credential is null)
        {
            return answer;
        }

        answer.Dispose();
        return await SendAsync(method, target, body, renewed.Credential, cancellationToken);
    }

    private async Task<ApiAnswer> SendAsync(HttpMethod method, string target, byte[]? body, UpstreamCredential credential, CancellationToken cancellationToken)
    {
        var handler = upstream.Rent(credential.Certificate);
        try
        {
            using var request = new HttpRequestMessage(method, upstream.Prefix + target) { Version = HttpVersion.Version20 };
            request.Headers.Host = upstream.HostName;
            request.Headers.TryAddWithoutValidation("Accept", "application/json");
            credential.WriteTo(request);

            if (body is not null)
            {
                request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
            }

            var response = await handler.Invoker.SendAsync(request, cancellationToken);
            contact?.Reached();
            return new ApiAnswer(response, handler.Return);
        }
        catch (HttpRequestException exception)
        {
            contact?.Failed(UpstreamFailure.Classify(exception));
            handler.Return();
            throw;
        }
        catch
        {
            handler.Return();
            throw;
        }
    }
}

/// <summary>What the API server made of a call.</summary>
/// <param name="Status">Its status; 0 where it gave none.</param>
/// <param name="Value">The object; null unless the status is a success.</param>
/// <param name="Failure">Why there is no status.</param>
/// <param name="Problem">What went wrong, for the log only.</param>
/// <typeparam name="T">The kind of object.</typeparam>
internal readonly record struct ApiResult<T>(HttpStatusCode Status, T? Value, RefusalReason? Failure, string? Problem)
    where T : class
{
    /// <summary>How many bytes the object came in; 0 without one.</summary>
    public long Length { get; init; }
}
