using Fairlead.Kubernetes.Documents;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Sessions;

namespace Fairlead.Configuration.Binding;

/// <summary><c>sessions</c> and <c>me</c>.</summary>
internal static class SessionBinder
{
    private static readonly TimeSpan _shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longest = TimeSpan.FromDays(365);

    public static BrowserSessionOptions Bind(Section root)
    {
        var defaults = new BrowserSessionOptions();
        if (root.Child("sessions") is not { } sessions)
        {
            return defaults;
        }

        var absolute = sessions.Duration("absolute", _shortest, _longest)
            ?? (sessions.Number("ttlSeconds", 1, (long)_longest.TotalSeconds) is { } seconds ? TimeSpan.FromSeconds(seconds) : defaults.Absolute);
        var options = new BrowserSessionOptions
        {
            Idle = sessions.Duration("idle", _shortest, _longest) ?? (absolute < defaults.Idle ? absolute : defaults.Idle),
            Absolute = absolute,
            Redis = Redis(sessions),
            EncryptionSecret = EncryptionSecret(sessions, "secret"),
            PreviousSecret = EncryptionSecret(sessions, "previousSecret"),
        };
        if (options.PreviousSecret is not null && options.EncryptionSecret is null)
        {
            sessions.Error("previousSecret", "means nothing without secret or secretFile");
        }

        if (options.Redis is not null && options.EncryptionSecret is null && !sessions.Has("secret") && !sessions.Has("secretFile"))
        {
            sessions.Missing("secret", $": what replicas encrypt sessions with before they go to Redis, {SessionCipher.MinimumSecretLength} random characters at least (openssl rand -base64 32), the same everywhere; or secretFile");
        }

        sessions.Close();
        return options;
    }

    public static MeOptions Me(Section root)
    {
        var defaults = new MeOptions();
        if (root.Child("me") is not { } me)
        {
            return defaults;
        }

        var options = new MeOptions
        {
            UsernamePath = Paths(me, "usernamePath") ?? defaults.UsernamePath,
            EmailPath = Paths(me, "emailPath") ?? defaults.EmailPath,
            GroupsPath = Paths(me, "groupsPath") ?? defaults.GroupsPath,
            UserInfoUrl = me.Text("userInfoURL") ?? defaults.UserInfoUrl,
        };
        me.Close();
        return options;
    }

    // A list, or one text with commas, as Headlamp's flags have it.
    private static string[]? Paths(Section me, string key) =>
        me.OneOrMoreTexts(key) is { } items ? [.. items.SelectMany(static item => item.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))] : null;

    private static RedisAddress? Redis(Section sessions)
    {
        if (sessions.Child("redis") is not { } redis)
        {
            return null;
        }

        var (url, caFile) = (redis.RequiredText("url"), redis.FilePath("caFile"));
        redis.Close();
        if (url is null)
        {
            return null;
        }

        if (!RedisAddress.TryRead(url, caFile, out var address, out var problem))
        {
            redis.Error("url", problem);
        }

        return address;
    }

    private static Secret? EncryptionSecret(Section sessions, string key)
    {
        var fileKey = key + "File";
        var (text, file) = (sessions.Text(key), sessions.FilePath(fileKey));
        if (text is not null && file is not null)
        {
            sessions.Error(key, $"{key} and {fileKey} must not stand together; leave one of them out");
            return null;
        }

        if (file is not null)
        {
            if (!TextFile.TryRead(file, out text, out var problem))
            {
                sessions.Error(fileKey, problem);
                return null;
            }

            text = text.Trim();
        }

        if (text is null)
        {
            return null;
        }

        if (text.Length >= SessionCipher.MinimumSecretLength)
        {
            return new Secret(text);
        }

        sessions.Error(file is null ? key : fileKey, $"is shorter than {SessionCipher.MinimumSecretLength} characters; make one with: openssl rand -base64 32");
        return null;
    }
}
