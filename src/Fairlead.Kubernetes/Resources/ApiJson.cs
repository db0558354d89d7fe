using System.Text.Json.Serialization;

namespace Fairlead.Kubernetes.Resources;

/// <summary>Source-generated readers of what API servers answer. Unknown fields are skipped; a null where a value has to be is an error.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ApiList<Service>))]
[JsonSerializable(typeof(ApiList<EndpointSlice>))]
[JsonSerializable(typeof(SecretObject))]
[JsonSerializable(typeof(ApiList<SecretObject>))]
[JsonSerializable(typeof(SelfSubjectAccessReview))]
[JsonSerializable(typeof(SelfSubjectReview))]
[JsonSerializable(typeof(SelfSubjectRulesReview))]
[JsonSerializable(typeof(TokenRequest))]
[JsonSerializable(typeof(TokenReview))]
public sealed partial class ApiJson : JsonSerializerContext;
