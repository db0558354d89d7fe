namespace Fairlead.Testing.Upstreams;

/// <summary>What an API server says of what somebody may do, beside the requests that are forwarded to it.</summary>
public static class ReviewAnswers
{
    private const string Path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

    /// <summary>Whether a request is such a question.</summary>
    public static bool IsReview(RecordedRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return string.Equals(request.Target, Path, StringComparison.Ordinal);
    }

    /// <summary>The answer to it.</summary>
    public static RawAnswer Answer(bool isAllowed) => RawAnswer.Json(
        201, $$$"""{"kind":"SelfSubjectAccessReview","apiVersion":"authorization.k8s.io/v1","spec":{},"status":{"allowed":{{{(isAllowed ? "true" : "false")}}}}}""");

    /// <summary>The requests that were forwarded: all but the questions.</summary>
    public static IReadOnlyList<RecordedRequest> Forwarded(this RawUpstream upstream)
    {
        ArgumentNullException.ThrowIfNull(upstream);
        return [.. upstream.Requests.Where(static request => !IsReview(request))];
    }

    /// <summary>Reads the next request that is forwarded, and answers the questions before it.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="allows">Says yes or no; null says yes.</param>
    public static async Task<RecordedRequest?> ReadForwardedAsync(this RawUpstreamConnection connection, Func<RecordedRequest, bool>? allows = null)
    {
        ArgumentNullException.ThrowIfNull(connection);
        while (await connection.ReadRequestAsync() is { } request)
        {
            if (!IsReview(request))
            {
                return request;
            }

            await connection.AnswerAsync(Answer(allows?.Invoke(request) ?? true));
        }

        return null;
    }
}
