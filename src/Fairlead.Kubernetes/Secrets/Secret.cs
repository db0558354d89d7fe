using System.Diagnostics;

namespace Fairlead.Kubernetes.Secrets;

/// <summary>
/// A value that authenticates somebody: a token, a key. Nothing about it can be read by accident: <see cref="ToString"/>,
/// the debugger and record printing all show a fixed text. Equality compares the values, so that settings which hold a
/// secret can be compared.
/// </summary>
[DebuggerDisplay("[secret]")]
public sealed class Secret : IEquatable<Secret>
{
    private readonly string _value;

    /// <summary>Wraps <paramref name="value"/>.</summary>
    /// <exception cref="ArgumentException">The value is null or empty: an empty secret authenticates nobody.</exception>
    public Secret(string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(value);
        _value = value;
    }

    /// <summary>Gives the value away. Every call is a place to review.</summary>
    public string Reveal() => _value;

    /// <inheritdoc/>
    public bool Equals(Secret? other) => other is not null && string.Equals(_value, other._value, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Secret);

    /// <inheritdoc/>
    public override int GetHashCode() => string.GetHashCode(_value, StringComparison.Ordinal);

    /// <summary>Always <c>[secret]</c>.</summary>
    public override string ToString() => "[secret]";
}
