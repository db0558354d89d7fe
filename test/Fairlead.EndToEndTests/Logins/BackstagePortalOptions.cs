using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fairlead.EndToEndTests.Logins;

/// <summary>What <c>portal/backend.mjs</c> may be told.</summary>
internal sealed record BackstagePortalOptions
{
    /// <summary>How it is written for the script.</summary>
    public static JsonSerializerOptions Json { get; } =
        new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Its public URL (<c>backend.baseUrl</c>), where that is not the one it listens at.</summary>
    public string? BaseUrl { get; init; }

    /// <summary>Who signs in.</summary>
    public BackstageGuest Guest { get; init; } = new();

    /// <summary>The section <c>auth</c> of its configuration.</summary>
    public BackstageAuth Auth { get; init; } = new();

    /// <summary>Permissions that nobody has; its permission backend runs unless this is null.</summary>
    public IReadOnlyList<string>? Denied { get; init; }
}

/// <summary>Who signs in; there is no catalog that would know better.</summary>
internal sealed record BackstageGuest
{
    /// <summary>The user; the provider's own default is <c>user:development/guest</c>.</summary>
    public string? UserEntityRef { get; init; }

    /// <summary>Who the user is when it is about owning things: the user, and groups. The user alone when null.</summary>
    public IReadOnlyList<string>? OwnershipEntityRefs { get; init; }
}

/// <summary>The section <c>auth</c>.</summary>
internal sealed record BackstageAuth
{
    /// <summary>False puts the user's groups into the token, as <c>ent</c>; plugin-auth-backend leaves them out since 0.28.0 unless told so.</summary>
    public bool? OmitIdentityTokenOwnershipClaim { get; init; }

    /// <summary>What users' tokens are signed with; ES256 when null.</summary>
    public string? IdentityTokenAlgorithm { get; init; }
}
