namespace Fairlead.Demo.Serving;

/// <summary>A request that the API server refuses with a <c>metav1.Status</c>.</summary>
/// <param name="code">The HTTP status.</param>
/// <param name="reason">The reason.</param>
/// <param name="message">The message.</param>
internal sealed class ApiException(int code, string reason, string message) : Exception(message)
{
    /// <summary>The HTTP status.</summary>
    public int Code => code;

    /// <summary>The reason.</summary>
    public string Reason => reason;

    /// <summary>The kind of object meant, for <c>details</c>.</summary>
    public string? Kind { get; init; }

    /// <summary>The object's name, for <c>details</c>.</summary>
    public string? Name { get; init; }

    /// <summary>The objects' group, for <c>details</c>.</summary>
    public string? Group { get; init; }

    /// <summary><c>details.causes</c>, as (type, message, field).</summary>
    public IReadOnlyList<(string Type, string Message, string Field)> Causes { get; init; } = [];
}
