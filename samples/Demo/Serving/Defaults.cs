using System.Text.Json.Nodes;
using Fairlead.Demo.Resources;

namespace Fairlead.Demo.Serving;

/// <summary>The few defaults that clients rely on.</summary>
internal static class Defaults
{
    private static int _address;

    /// <summary>Fills in what a new object leaves out.</summary>
    public static JsonObject Fill(ResourceType type, JsonObject value)
    {
        switch (type.Kind)
        {
            case "Namespace":
                value["spec"] ??= new JsonObject { ["finalizers"] = new JsonArray("kubernetes") };
                value["status"] = new JsonObject { ["phase"] = "Active" };
                break;
            case "Service":
                var spec = (JsonObject)(value["spec"] ??= new JsonObject());
                spec["type"] ??= "ClusterIP";
                spec["clusterIP"] ??= NextAddress();
                spec["sessionAffinity"] ??= "None";
                foreach (var port in spec["ports"] as JsonArray ?? [])
                {
                    port!["protocol"] ??= "TCP";
                    port["targetPort"] ??= port["port"]!.DeepClone();
                }

                break;
            case "Deployment" or "ReplicaSet" or "StatefulSet":
                value["spec"]!["replicas"] ??= 1;
                break;
            case "Secret":
                Encode(value);
                value["type"] ??= "Opaque";
                break;
            case "Pod":
                value["status"] ??= new JsonObject { ["phase"] = "Pending" };
                value["spec"]!["nodeName"] ??= "demo-node";
                break;
            default:
                break;
        }

        return value;
    }

    private static void Encode(JsonObject secret)
    {
        if (secret["stringData"] is not JsonObject plain)
        {
            return;
        }

        var data = (JsonObject)(secret["data"] ??= new JsonObject());
        foreach (var (key, text) in plain)
        {
            data[key] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text!.GetValue<string>()));
        }

        secret.Remove("stringData");
    }

    private static string NextAddress()
    {
        var next = Interlocked.Increment(ref _address);
        return $"10.96.{next / 250}.{(next % 250) + 1}";
    }
}
