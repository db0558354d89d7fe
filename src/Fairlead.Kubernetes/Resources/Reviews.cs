namespace Fairlead.Kubernetes.Resources;

/// <summary>The question "may I" (<c>authorization.k8s.io/v1</c>) and, when it comes back, its answer.</summary>
/// <param name="Spec">The question.</param>
/// <param name="Status">The answer; null in the question.</param>
public sealed record SelfSubjectAccessReview(SelfSubjectAccessReviewSpec? Spec = null, SubjectAccessReviewStatus? Status = null)
{
    /// <summary>Always <c>authorization.k8s.io/v1</c>.</summary>
    public string ApiVersion { get; init; } = "authorization.k8s.io/v1";

    /// <summary>Always <c>SelfSubjectAccessReview</c>.</summary>
    public string Kind { get; init; } = "SelfSubjectAccessReview";
}

/// <summary>What is asked: one of the two.</summary>
/// <param name="ResourceAttributes">An action on a resource.</param>
/// <param name="NonResourceAttributes">An action on a path that names no resource.</param>
public sealed record SelfSubjectAccessReviewSpec(ResourceAttributes? ResourceAttributes = null, NonResourceAttributes? NonResourceAttributes = null);

/// <summary>An action on a path that names no resource.</summary>
/// <param name="Path">The path.</param>
/// <param name="Verb">The verb: the method in lower case.</param>
public sealed record NonResourceAttributes(string Path = "", string Verb = "");

/// <summary>An action on a resource.</summary>
/// <param name="Verb">The verb.</param>
/// <param name="Group">The API group; empty for core.</param>
/// <param name="Resource">The resource.</param>
/// <param name="Subresource">The sub-resource; null for none.</param>
/// <param name="Namespace">The namespace.</param>
/// <param name="Name">The object's name.</param>
/// <param name="Version">The version; null for any.</param>
public sealed record ResourceAttributes(
    string Verb = "", string Group = "", string Resource = "", string? Subresource = null, string Namespace = "", string Name = "", string? Version = null);

/// <summary>The answer.</summary>
/// <param name="Allowed">Whether it is allowed. Only true is a yes.</param>
/// <param name="Denied">Whether an authorizer has denied it.</param>
public sealed record SubjectAccessReviewStatus(bool Allowed = false, bool Denied = false);

/// <summary>The question "what may I" (<c>authorization.k8s.io/v1</c>) and its answer.</summary>
/// <param name="Spec">The question.</param>
/// <param name="Status">The answer; null in the question.</param>
public sealed record SelfSubjectRulesReview(SelfSubjectRulesReviewSpec? Spec = null, SubjectRulesReviewStatus? Status = null)
{
    /// <summary>Always <c>authorization.k8s.io/v1</c>.</summary>
    public string ApiVersion { get; init; } = "authorization.k8s.io/v1";

    /// <summary>Always <c>SelfSubjectRulesReview</c>.</summary>
    public string Kind { get; init; } = "SelfSubjectRulesReview";
}

/// <summary>Where it is asked for.</summary>
/// <param name="Namespace">The namespace.</param>
public sealed record SelfSubjectRulesReviewSpec(string Namespace = "default");

/// <summary>The answer.</summary>
/// <param name="ResourceRules">What may be done with resources.</param>
/// <param name="NonResourceRules">What may be done with other paths.</param>
public sealed record SubjectRulesReviewStatus(IReadOnlyList<ResourceRule>? ResourceRules = null, IReadOnlyList<NonResourceRule>? NonResourceRules = null);

/// <summary>What may be done with resources.</summary>
/// <param name="Verbs">The verbs.</param>
/// <param name="ApiGroups">The API groups.</param>
/// <param name="Resources">The resources, with sub-resources as <c>pods/log</c>.</param>
public sealed record ResourceRule(IReadOnlyList<string>? Verbs = null, IReadOnlyList<string>? ApiGroups = null, IReadOnlyList<string>? Resources = null);

/// <summary>What may be done with other paths.</summary>
/// <param name="Verbs">The verbs.</param>
/// <param name="NonResourceUrls">The paths.</param>
public sealed record NonResourceRule(
    IReadOnlyList<string>? Verbs = null, [property: System.Text.Json.Serialization.JsonPropertyName("nonResourceURLs")] IReadOnlyList<string>? NonResourceUrls = null);

/// <summary>The question "who am I" (<c>authentication.k8s.io/v1</c>, Kubernetes 1.28) and its answer.</summary>
/// <param name="Status">The answer; null in the question.</param>
public sealed record SelfSubjectReview(SelfSubjectReviewStatus? Status = null)
{
    /// <summary>Always <c>authentication.k8s.io/v1</c>.</summary>
    public string ApiVersion { get; init; } = "authentication.k8s.io/v1";

    /// <summary>Always <c>SelfSubjectReview</c>.</summary>
    public string Kind { get; init; } = "SelfSubjectReview";
}

/// <summary>Who the caller is.</summary>
/// <param name="UserInfo">The user.</param>
public sealed record SelfSubjectReviewStatus(UserInfo? UserInfo = null);

/// <summary>A user as an API server knows them.</summary>
/// <param name="Username">The name.</param>
/// <param name="Groups">The groups; null is none.</param>
public sealed record UserInfo(string? Username = null, IReadOnlyList<string>? Groups = null);

/// <summary>The question "whose token is this" (<c>authentication.k8s.io/v1</c>) and its answer.</summary>
/// <param name="Spec">The question.</param>
/// <param name="Status">The answer; null in the question.</param>
public sealed record TokenReview(TokenReviewSpec? Spec = null, TokenReviewStatus? Status = null)
{
    /// <summary>Always <c>authentication.k8s.io/v1</c>.</summary>
    public string ApiVersion { get; init; } = "authentication.k8s.io/v1";

    /// <summary>Always <c>TokenReview</c>.</summary>
    public string Kind { get; init; } = "TokenReview";
}

/// <summary>What is asked.</summary>
/// <param name="Token">The token.</param>
public sealed record TokenReviewSpec(string? Token = null)
{
    /// <summary>Without the token.</summary>
    public override string ToString() => nameof(TokenReviewSpec);
}

/// <summary>The answer.</summary>
/// <param name="Authenticated">Whether it is anybody's. Only true is a yes.</param>
/// <param name="User">Whose it is.</param>
/// <param name="Error">Why it could not be said.</param>
public sealed record TokenReviewStatus(bool Authenticated = false, UserInfo? User = null, string? Error = null);

/// <summary>Asks for a token of a service account (<c>authentication.k8s.io/v1</c>), and brings it.</summary>
/// <param name="Spec">The question.</param>
/// <param name="Status">The answer; null in the question.</param>
public sealed record TokenRequest(TokenRequestSpec? Spec = null, TokenRequestStatus? Status = null)
{
    /// <summary>Always <c>authentication.k8s.io/v1</c>.</summary>
    public string ApiVersion { get; init; } = "authentication.k8s.io/v1";

    /// <summary>Always <c>TokenRequest</c>.</summary>
    public string Kind { get; init; } = "TokenRequest";
}

/// <summary>What token is wanted.</summary>
/// <param name="Audiences">Who it is for.</param>
/// <param name="ExpirationSeconds">How long it should be good for, in seconds; the server may choose otherwise.</param>
public sealed record TokenRequestSpec(IReadOnlyList<string>? Audiences = null, long ExpirationSeconds = 0);

/// <summary>The token.</summary>
/// <param name="Token">The token.</param>
/// <param name="ExpirationTimestamp">When it ends.</param>
public sealed record TokenRequestStatus(string? Token = null, DateTimeOffset ExpirationTimestamp = default)
{
    /// <summary>Without the token.</summary>
    public override string ToString() => $"{nameof(TokenRequestStatus)} {{ ExpirationTimestamp = {ExpirationTimestamp:O} }}";
}

/// <summary>A Secret (<c>v1</c>).</summary>
/// <param name="Data">The values, base64.</param>
/// <param name="Metadata">The metadata.</param>
/// <param name="Type">What kind of Secret it is.</param>
public sealed record SecretObject(IReadOnlyDictionary<string, string>? Data = null, ObjectMeta? Metadata = null, string? Type = null)
{
    /// <summary>Without the values.</summary>
    public override string ToString() => nameof(SecretObject);
}
