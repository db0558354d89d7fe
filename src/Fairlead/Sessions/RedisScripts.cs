namespace Fairlead.Sessions;

/// <summary>
/// What has to happen in Redis as one step. Times are those of Redis, so that replicas whose clocks differ agree; they need Redis 6.2 or
/// Valkey, and no module. A session is a hash: <c>v</c> its version, <c>d</c> its encrypted data, <c>e</c> its absolute end in milliseconds.
/// </summary>
internal static class RedisScripts
{
    private const string Now = """
        local clock = redis.call('TIME')
        local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
        local function whole(number) return string.format('%.0f', number) end

        """;

    /// <summary>Keys: the session, then its indexes. Arguments: version, data, idle and absolute lifetime in milliseconds, the session's name in the indexes.</summary>
    public const string Create = Now + """
        local ends = now + ARGV[4]
        redis.call('HSET', KEYS[1], 'v', ARGV[1], 'd', ARGV[2], 'e', whole(ends))
        redis.call('PEXPIREAT', KEYS[1], whole(math.min(now + ARGV[3], ends)))
        for i = 2, #KEYS do
          redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', whole(now))
          redis.call('ZADD', KEYS[i], whole(ends), ARGV[5])
          if redis.call('PTTL', KEYS[i]) < ends - now then
            redis.call('PEXPIREAT', KEYS[i], whole(ends))
          end
        end
        return 1
        """;

    /// <summary>Key: the session. Arguments: idle lifetime in milliseconds, 1 for a use. Gives version and data, or nothing.</summary>
    public const string Find = Now + """
        local stored = redis.call('HMGET', KEYS[1], 'v', 'd', 'e')
        local ends = tonumber(stored[3] or '')
        if not stored[1] or not stored[2] or not ends then return false end
        if ARGV[2] == '1' then
          redis.call('PEXPIREAT', KEYS[1], whole(math.min(now + ARGV[1], ends)))
        end
        return { stored[1], stored[2] }
        """;

    /// <summary>Key: the session. Arguments: the expected version, the new one, data. Gives 0 for no session, 1 for another version, 2 when done.</summary>
    public const string Replace = """
        local version = redis.call('HGET', KEYS[1], 'v')
        if not version then return 0 end
        if version ~= ARGV[1] then return 1 end
        redis.call('HSET', KEYS[1], 'v', ARGV[2], 'd', ARGV[3])
        return 2
        """;

    /// <summary>Key: an index. Argument: what stands before a session's name in its key. Gives the number of sessions that were there.</summary>
    public const string EndAll = """
        local ended = 0
        for _, name in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
          ended = ended + redis.call('DEL', ARGV[1] .. name)
        end
        redis.call('DEL', KEYS[1])
        return ended
        """;

    /// <summary>Keys: the session, its lock. Arguments: the owner, milliseconds. Gives nothing for no session, 1 when it is locked, otherwise version and data.</summary>
    public const string BeginRefresh = """
        local stored = redis.call('HMGET', KEYS[1], 'v', 'd')
        if not stored[1] or not stored[2] then return false end
        if not redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
        return stored
        """;

    /// <summary>Key: a lock. Argument: the owner.</summary>
    public const string EndRefresh = """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        return redis.call('DEL', KEYS[1])
        """;
}
