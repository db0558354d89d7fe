using System.Buffers;
using System.Collections;
using System.Text.Json;

// A credential plugin whose token is what it was given: arguments, environment and input, as JSON in base64.
await using var input = Console.OpenStandardInput();
using var read = new MemoryStream();
await input.CopyToAsync(read);

var report = new ArrayBufferWriter<byte>();
using (var json = new Utf8JsonWriter(report))
{
    json.WriteStartObject();
    json.WriteStartArray("arguments");
    foreach (var argument in args)
    {
        json.WriteStringValue(argument);
    }

    json.WriteEndArray();
    json.WriteStartObject("environment");
    foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
    {
        json.WriteString((string)variable.Key, (string?)variable.Value);
    }

    json.WriteEndObject();
    json.WriteNumber("input", read.Length);
    json.WriteEndObject();
}

using var info = JsonDocument.Parse(Environment.GetEnvironmentVariable("KUBERNETES_EXEC_INFO")!);
await using var output = Console.OpenStandardOutput();
await using var credential = new Utf8JsonWriter(output);
credential.WriteStartObject();
credential.WriteString("apiVersion", info.RootElement.GetProperty("apiVersion").GetString());
credential.WriteString("kind", "ExecCredential");
credential.WriteStartObject("status");
credential.WriteString("token", Convert.ToBase64String(report.WrittenSpan));
credential.WriteEndObject();
credential.WriteEndObject();
