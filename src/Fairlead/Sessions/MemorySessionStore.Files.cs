using Fairlead.State;

namespace Fairlead.Sessions;

/// <content>Sessions that were there before this process, and are opened when their browser comes.</content>
internal sealed partial class MemorySessionStore
{
    /// <summary>Opens the file of a session that this process has not seen yet, now that its key is here.</summary>
    private bool Wake(OpaqueKey key, Entry entry)
    {
        if (entry.Session is null && _files!.Open(key, entry.Stored!) is { } session)
        {
            (entry.Session, entry.Stored) = (session with { LastUsedAt = entry.LastUsedAt }, null);
        }

        return entry.Session is not null;
    }

    // The first one is given; the others are in files that were written under another secret.
    private string[] SubjectNames(string issuer, string subject) => _files?.NamesOf("subject", issuer, subject) ?? [$"{issuer} {subject}"];

    private string[] ProviderSessionNames(string issuer, string sid) => _files?.NamesOf("sid", issuer, sid) ?? [$"{issuer} {sid}"];

    private sealed class Entry
    {
        // Null while only its file is known.
        public BrowserSession? Session { get; set; }

        public StoredSession? Stored { get; set; }

        public required string Subject { get; init; }

        public string? ProviderSession { get; init; }

        public DateTimeOffset EndsAt { get; set; }

        public DateTimeOffset LastUsedAt { get; set; }

        // The last use that the file knows.
        public DateTimeOffset NotedAt { get; set; }

        public string? RefreshOwner { get; set; }

        public DateTimeOffset RefreshUntil { get; set; }
    }
}
