using AwesomeAssertions;
using Xunit;

namespace Fairlead.Tests.Doors;

public sealed class RefusalCatalogTests
{
    private static readonly Dictionary<int, string> _names = new()
    {
        [400] = "InputError", [401] = "AuthenticationError", [403] = "NotAllowedError", [404] = "NotFoundError", [405] = "MethodNotAllowedError", [408] = "RequestTimeoutError",
        [409] = "ConflictError", [413] = "PayloadTooLargeError", [414] = "InputError", [421] = "MisdirectedRequestError", [429] = "TooManyRequestsError", [500] = "Error", [501] = "NotImplementedError",
        [502] = "BadGatewayError", [503] = "ServiceUnavailableError", [504] = "GatewayTimeoutError",
    };

    // The reasons that API machinery knows; clients compare them (metav1.StatusReason). The others have no status of their own there.
    private static readonly Dictionary<int, string> _statusReasons = new()
    {
        [400] = "BadRequest", [401] = "Unauthorized", [403] = "Forbidden", [404] = "NotFound", [405] = "MethodNotAllowed", [409] = "Conflict",
        [413] = "RequestEntityTooLarge", [429] = "TooManyRequests", [500] = "InternalError", [503] = "ServiceUnavailable", [504] = "Timeout",
    };

    private static readonly string[] _proxyStatusErrors =
    [
        "dns_timeout", "dns_error", "destination_not_found", "destination_unavailable", "destination_ip_prohibited", "destination_ip_unroutable",
        "connection_refused", "connection_terminated", "connection_timeout", "connection_read_timeout", "connection_write_timeout", "connection_limit_reached",
        "tls_protocol_error", "tls_certificate_error", "tls_alert_received", "http_request_error", "http_request_denied", "http_response_incomplete",
        "http_response_timeout", "http_upgrade_failed", "http_protocol_error", "proxy_internal_response", "proxy_internal_error", "proxy_configuration_error",
        "proxy_loop_detected",
    ];

    public static TheoryData<string> Reasons => [.. Enum.GetNames<RefusalReason>()];

    [Theory]
    [MemberData(nameof(Reasons))]
    public void F42_Every_reason_has_a_form_with_the_names_of_its_status(string reason)
    {
        var form = Enum.Parse<RefusalReason>(reason).Form();

        form.BackstageName.Should().Be(_names[form.Status]);
        _proxyStatusErrors.Should().Contain(form.ProxyStatusError);
        form.ProxyStatus.Should().Be($"fairlead; error={form.ProxyStatusError}");
        form.Layer.Should().NotBeEmpty();
        if (_statusReasons.TryGetValue(form.Status, out var statusReason))
        {
            form.StatusReason.Should().Be(statusReason);
        }
    }

    [Theory]
    [InlineData("InvalidTarget", 400)]
    [InlineData("InvalidRequest", 400)]
    [InlineData("MissingCredentials", 401)]
    [InlineData("IllegalToken", 401)]
    [InlineData("ClusterTokenRequired", 401)]
    [InlineData("NotAllowed", 403)]
    [InlineData("ImpersonationNotAllowed", 403)]
    [InlineData("UnknownRoute", 404)]
    [InlineData("ClusterNotFound", 404)]
    [InlineData("MethodNotAllowed", 405)]
    [InlineData("ClusterAmbiguous", 409)]
    [InlineData("BodyTooLarge", 413)]
    [InlineData("TargetTooLong", 414)]
    [InlineData("NotImplemented", 501)]
    [InlineData("CredentialUnavailable", 502)]
    [InlineData("ConnectionRefused", 502)]
    [InlineData("AuditUnavailable", 503)]
    [InlineData("ConnectTimeout", 504)]
    [InlineData("ResponseTimeout", 504)]
    public void The_statuses_are_those_of_the_contract(string reason, int status) => Enum.Parse<RefusalReason>(reason).Form().Status.Should().Be(status);
}
