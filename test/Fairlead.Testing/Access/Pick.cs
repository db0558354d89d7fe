using CsCheck;

namespace Fairlead.Testing.Access;

/// <summary>Chooses among constants.</summary>
public static class Pick
{
    /// <summary>One of <paramref name="items"/>.</summary>
    public static Gen<T> From<T>(params IReadOnlyList<T> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        return Gen.Int[0, items.Count - 1].Select(index => items[index]);
    }
}
