using Fairlead.Configuration.Reading;
using Fairlead.Kubernetes.Documents;

namespace Fairlead.Configuration.Binding;

/// <summary>Notices about the configuration as a whole.</summary>
internal static class StartNotices
{
    public static void Add(GatewayOptions options, DocumentNode tree, BindingContext context)
    {
        if (options.ClusterLocators.Count == 0)
        {
            context.Notice("no source of clusters is configured (kubernetes.clusterLocatorMethods), so no cluster can be reached");
        }

        if (options.Tls is not null && !options.Listen.Append(options.ManagementListen).Any(url => url?.Scheme is "https"))
        {
            context.Notice("tls is configured and no listener is https: callers' tokens travel in the clear");
        }

        if (options.Auth is { Oidc.Count: > 0 } && options.Sessions.Redis is null && options.StateDir is null)
        {
            context.Notice("sessions are kept in this process: logins end with it; stateDir keeps them, and sessions.redis lets replicas share them");
        }

        Unset(tree, "", context);
    }

    private static void Unset(DocumentNode node, string path, BindingContext context)
    {
        switch (node)
        {
            case UnsetNode unset:
                context.Notice($"{path} has no value ({unset.Origin}): the environment variable '{NodePath.Printable(unset.Variable)}' is not set");
                break;

            case MapNode map:
                foreach (var entry in map.Entries)
                {
                    Unset(entry.Value, NodePath.Key(path, entry.Key), context);
                }

                break;

            case ListNode list:
                for (var i = 0; i < list.Items.Count; i++)
                {
                    Unset(list.Items[i], NodePath.Index(path, i), context);
                }

                break;
        }
    }
}
