using System.Diagnostics.CodeAnalysis;
using Fairlead.Callers;

namespace Fairlead.Sessions;

/// <summary>A table that keeps its entries in the order of their last use. Not safe for several threads.</summary>
/// <typeparam name="T">The values.</typeparam>
/// <param name="onRemoved">Told of each that is taken out, for whatever reason; null for nobody.</param>
internal sealed class AgedTable<T>(Action<TokenHash>? onRemoved = null)
{
    private readonly Dictionary<TokenHash, LinkedListNode<KeyValuePair<TokenHash, T>>> _nodes = [];
    private readonly LinkedList<KeyValuePair<TokenHash, T>> _order = new();

    /// <summary>How many there are.</summary>
    public int Count => _nodes.Count;

    /// <summary>Looks one up.</summary>
    public bool TryGet(TokenHash key, [MaybeNullWhen(false)] out T value)
    {
        value = default;
        if (!_nodes.TryGetValue(key, out var node))
        {
            return false;
        }

        value = node.Value.Value;
        return true;
    }

    /// <summary>Adds one, as the youngest. The key has to be new.</summary>
    public void Add(TokenHash key, T value) => _nodes.Add(key, _order.AddLast(KeyValuePair.Create(key, value)));

    /// <summary>Makes one the youngest.</summary>
    public void Use(TokenHash key)
    {
        var node = _nodes[key];
        _order.Remove(node);
        _order.AddLast(node);
    }

    /// <summary>Takes one out.</summary>
    public bool Remove(TokenHash key)
    {
        if (!_nodes.Remove(key, out var node))
        {
            return false;
        }

        _order.Remove(node);
        onRemoved?.Invoke(key);
        return true;
    }

    /// <summary>Takes the oldest one out.</summary>
    public void RemoveOldest() => Remove(_order.First!.Value.Key);

    /// <summary>Takes the oldest ones out, up to the first for which the condition does not hold.</summary>
    public void RemoveOldestWhile(Func<T, bool> condition)
    {
        while (_order.First is { } first && condition(first.Value.Value))
        {
            Remove(first.Value.Key);
        }
    }

    /// <summary>Of those for which the condition holds, keeps the youngest.</summary>
    /// <param name="kept">How many.</param>
    /// <param name="condition">The condition.</param>
    public void RemoveBeyond(int kept, Func<T, bool> condition)
    {
        for (var node = _order.Last; node is not null;)
        {
            var previous = node.Previous;
            if (condition(node.Value.Value) && kept-- <= 0)
            {
                Remove(node.Value.Key);
            }

            node = previous;
        }
    }

    /// <summary>Takes all out for which the condition holds, and gives their number.</summary>
    public int RemoveWhere(Func<T, bool> condition)
    {
        var count = 0;
        for (var node = _order.First; node is not null;)
        {
            var next = node.Next;
            if (condition(node.Value.Value))
            {
                Remove(node.Value.Key);
                count++;
            }

            node = next;
        }

        return count;
    }
}
