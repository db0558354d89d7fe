using System.Diagnostics;
using System.Net.Http.Headers;

namespace Fairlead.Management.Tracing;

/// <summary>The headers of W3C Trace Context.</summary>
internal static class TraceHeaders
{
    private const string Parent = "traceparent";
    private const string State = "tracestate";

    /// <summary>Whose part the request is; the default where nobody says, or says it wrongly.</summary>
    public static ActivityContext Read(IHeaderDictionary headers) =>
        headers[Parent] is [{ } parent] && ActivityContext.TryParse(parent, headers[State] is { Count: > 0 } state ? state.ToString() : null, isRemote: true, out var context) ? context : default;

    /// <summary>Says whose part the request is that goes upstream, in place of what the client has said.</summary>
    public static void Write(HttpRequestHeaders headers, Activity span)
    {
        headers.Remove(Parent);
        headers.Remove(State);
        headers.TryAddWithoutValidation(Parent, span.Id);
        if (span.TraceStateString is { Length: > 0 } state)
        {
            headers.TryAddWithoutValidation(State, state);
        }
    }
}
