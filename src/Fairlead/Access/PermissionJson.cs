using System.Text.Json.Serialization;

namespace Fairlead.Access;

/// <summary>A permission as Backstage describes it (<c>BasicPermission</c>).</summary>
internal sealed record PortalPermission(string Type, string Name, PortalPermissionAttributes Attributes);

/// <summary>What kind of act it permits (<c>PermissionAttributes</c>).</summary>
internal sealed record PortalPermissionAttributes(string? Action = null);

/// <summary>A question to the permission backend (<c>AuthorizePermissionRequest</c>, in an <c>items</c> list).</summary>
internal sealed record AuthorizeRequest(AuthorizeItem[] Items);

/// <summary>One question.</summary>
internal sealed record AuthorizeItem(string Id, PortalPermission Permission);

/// <summary>Its answer.</summary>
internal sealed record AuthorizeResponse(AuthorizeResult?[]? Items);

/// <summary>One answer: <c>ALLOW</c>, <c>DENY</c> or <c>CONDITIONAL</c>.</summary>
internal sealed record AuthorizeResult(string? Id, string? Result);

/// <summary>The source-generated serialiser of questions to the permission backend.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AuthorizeRequest))]
[JsonSerializable(typeof(AuthorizeResponse))]
internal sealed partial class PermissionJson : JsonSerializerContext;
