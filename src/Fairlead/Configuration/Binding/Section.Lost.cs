using Fairlead.Configuration.Reading;
using Fairlead.Kubernetes.Documents;

namespace Fairlead.Configuration.Binding;

internal sealed partial class Section
{
    /// <summary>
    /// Reports everything in <paramref name="keys"/> that is written and has no value: nothing, or a variable that is not set. For what decides who may do what: a
    /// condition that is left out makes a rule mean more, and a name that is left out of a denial is allowed.
    /// </summary>
    /// <returns>Whether nothing is lost.</returns>
    public bool RequireValues(params ReadOnlySpan<string> keys)
    {
        var before = Context.Errors.Count;
        foreach (var key in keys)
        {
            if (map.Find(key) is { } entry)
            {
                RequireValues(entry.Value, PathOf(key));
            }
        }

        return Context.Errors.Count == before;
    }

    private void RequireValues(DocumentNode node, string path)
    {
        switch (node)
        {
            case UnsetNode unset:
                Context.Errors.Add(path, $"has no value: the environment variable '{NodePath.Printable(unset.Variable)}' is not set", unset.Origin);
                break;

            case ScalarNode { Type: ScalarKind.Null }:
                Context.Errors.Add(path, "has no value; give it one, or leave it out", node.Origin);
                break;

            case MapNode child:
                foreach (var entry in child.Entries)
                {
                    RequireValues(entry.Value, NodePath.Key(path, entry.Key));
                }

                break;

            case ListNode list:
                for (var i = 0; i < list.Items.Count; i++)
                {
                    RequireValues(list.Items[i], NodePath.Index(path, i));
                }

                break;
        }
    }
}
