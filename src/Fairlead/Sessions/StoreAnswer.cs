using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Fairlead.Sessions;

/// <summary>What came of asking a store.</summary>
internal enum StoreStatus
{
    /// <summary>The store cannot be asked now. Nothing is known, not even whether a change was made. First, so that no answer means this.</summary>
    Unavailable,

    /// <summary>There is no such thing, or no longer.</summary>
    NotFound,

    /// <summary>Somebody else was faster.</summary>
    Conflict,

    /// <summary>Done.</summary>
    Done,
}

/// <summary>An answer with a value.</summary>
/// <typeparam name="T">The value.</typeparam>
/// <param name="Status">What came of it.</param>
/// <param name="Value">The value when it is done.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct StoreAnswer<T>(StoreStatus Status, T? Value)
{
    /// <summary>An answer without a value.</summary>
    public StoreAnswer(StoreStatus status)
        : this(status, default)
    {
    }

    /// <summary>The value, if it is done.</summary>
    public bool TryGet([NotNullWhen(true)] out T? value)
    {
        value = Value;
        return Status == StoreStatus.Done && value is not null;
    }

    /// <summary>Tells the status only.</summary>
    public override string ToString() => Status.ToString();
}

/// <summary>Makes answers.</summary>
internal static class StoreAnswer
{
    /// <summary>It is done.</summary>
    public static StoreAnswer<T> Done<T>(T value) => new(StoreStatus.Done, value);
}
