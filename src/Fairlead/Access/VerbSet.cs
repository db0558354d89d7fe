namespace Fairlead.Access;

/// <summary>Verbs as bits: those of resources, and the methods that are the verbs of other paths.</summary>
internal readonly record struct VerbSet
{
    private static readonly string[] _known =
        ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "proxy", "head", "options", "post", "put"];

    private readonly int _bits;

    private VerbSet(int bits) => _bits = bits;

    /// <summary>All that a rule may name.</summary>
    public static IReadOnlyList<string> Known => _known;

    /// <summary>The set of the verbs that a rule names. <c>*</c> means every verb, unknown ones included; anything else that is no verb means none.</summary>
    public static VerbSet Of(IReadOnlyList<string> verbs)
    {
        var bits = 0;
        foreach (var verb in verbs)
        {
            bits |= verb is "*" ? -1 : BitOf(verb);
        }

        return new VerbSet(bits);
    }

    /// <summary>Whether every verb is in it.</summary>
    public bool IsAll => _bits == -1;

    /// <summary>Whether the verb of a request is in it.</summary>
    /// <param name="bit">What <see cref="BitOf"/> says of it.</param>
    public bool Contains(int bit) => _bits == -1 || (_bits & bit) != 0;

    /// <summary>The bit of a verb; 0 for one that no rule can name.</summary>
    public static int BitOf(string verb)
    {
        var at = Array.IndexOf(_known, verb);
        return at < 0 ? 0 : 1 << at;
    }
}
