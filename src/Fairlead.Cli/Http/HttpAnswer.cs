using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Fairlead.Cli.Http;

/// <summary>An answer, read to its end.</summary>
/// <param name="Status">The status.</param>
/// <param name="Body">The body.</param>
/// <param name="Date">When the server says that it is; null where it does not.</param>
internal sealed record HttpAnswer(HttpStatusCode Status, byte[] Body, DateTimeOffset? Date)
{
    /// <summary>What the body says; null where it is no such JSON.</summary>
    public T? Read<T>(JsonTypeInfo<T> info)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(Body, info);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
