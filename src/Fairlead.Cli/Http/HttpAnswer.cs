using System.Net;

namespace Fairlead.Cli.Http;

/// <summary>An answer, read to its end.</summary>
/// <param name="Status">The status.</param>
/// <param name="Body">The body.</param>
/// <param name="Date">When the server says that it is; null where it does not.</param>
internal sealed record HttpAnswer(HttpStatusCode Status, byte[] Body, DateTimeOffset? Date);
