using System.Globalization;
using System.Text.Json.Nodes;

namespace Fairlead.Demo.Streaming;

/// <summary>How a command ended, as the error channel of version 4 and later says it.</summary>
internal static class ExitStatus
{
    /// <summary>The <c>metav1.Status</c> of an exit code.</summary>
    public static byte[] Of(int exitCode)
    {
        var status = exitCode == 0
            ? new JsonObject { ["metadata"] = new JsonObject(), ["status"] = "Success" }
            : new JsonObject
            {
                ["metadata"] = new JsonObject(),
                ["status"] = "Failure",
                ["message"] = $"command terminated with non-zero exit code: exit status {exitCode}",
                ["reason"] = "NonZeroExitCode",
                ["details"] = new JsonObject
                {
                    ["causes"] = new JsonArray(new JsonObject { ["reason"] = "ExitCode", ["message"] = exitCode.ToString(CultureInfo.InvariantCulture) }),
                },
            };
        return System.Text.Encoding.UTF8.GetBytes(status.ToJsonString());
    }
}
