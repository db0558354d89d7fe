namespace Fairlead.Configuration.Binding;

/// <summary><c>serviceProxy</c>: accepted, and not served by this version.</summary>
internal static class ServiceProxyBinder
{
    public static void Bind(Section root)
    {
        if (root.Child("serviceProxy") is not { } proxy)
        {
            return;
        }

        proxy.Text("defaultCluster");
        proxy.Choice("transport", "direct", "apiserver", "auto");
        proxy.Choice("authorization", "forward", "identity", "none");
        if (proxy.Flag("enabled") != false)
        {
            root.Context.Notice("serviceProxy is not served by this version: the service door is off");
        }
    }
}
