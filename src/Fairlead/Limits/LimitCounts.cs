using System.Runtime.InteropServices;

namespace Fairlead.Limits;

/// <summary>How much of a limit is in use.</summary>
/// <param name="Scope">Which part of it: <c>all</c>, or one caller, cluster, Service or address, of which the one counts that has most.</param>
/// <param name="Used">How much that is.</param>
/// <param name="Most">How much it may be; null for no limit.</param>
/// <param name="Refused">How often somebody was refused because of it.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct LimitUse(string Scope, long Used, long? Most, long Refused);

/// <summary>How often somebody was refused, by the part of a limit that was used up.</summary>
internal sealed class RefusedCounts
{
    /// <summary>The names of the parts, as in <c>limits</c>.</summary>
    public const string PerCaller = "caller";

    /// <summary>Of one address.</summary>
    public const string PerAddress = "address";

    /// <summary>To one cluster.</summary>
    public const string PerCluster = "cluster";

    /// <summary>To one Service.</summary>
    public const string PerService = "service";

    /// <summary>In all.</summary>
    public const string All = "all";

    private static readonly string[] _scopes = [PerCaller, PerAddress, PerCluster, PerService, All];

    private readonly long[] _counts = new long[_scopes.Length];

    /// <summary>How often.</summary>
    public long this[string scope] => Interlocked.Read(ref _counts[Array.IndexOf(_scopes, scope)]);

    /// <summary>Counts one more.</summary>
    public void Add(string scope) => Interlocked.Increment(ref _counts[Array.IndexOf(_scopes, scope)]);
}
