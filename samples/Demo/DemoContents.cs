using System.Text.Json.Nodes;
using Fairlead.Demo.Resources;
using Fairlead.Demo.Serving;
using Fairlead.Demo.Storage;

namespace Fairlead.Demo;

/// <summary>What the demo cluster holds when it starts.</summary>
internal static class DemoContents
{
    /// <summary>The name of the chart repository's Service, in the namespace <c>default</c>.</summary>
    public const string ChartService = "my-catalog-chartmuseum";

    /// <summary>Creates what every cluster has.</summary>
    public static void AddBasics(ObjectStore store)
    {
        foreach (var name in new[] { "default", "kube-system", "kube-public" })
        {
            Create(store, "", "namespaces", $$$"""{"metadata":{"name":"{{{name}}}"}}""");
        }

        Create(store, "", "nodes", """{"metadata":{"name":"demo-node"},"status":{"conditions":[{"type":"Ready","status":"True"}]}}""");
    }

    /// <summary>Creates the demo's own objects.</summary>
    public static void AddDemo(ObjectStore store, Uri chartRepository)
    {
        Create(store, "", "namespaces", """{"metadata":{"name":"demo"}}""");
        Create(store, "", "pods", """{"metadata":{"name":"shell","namespace":"default"},"spec":{"containers":[{"name":"main","image":"shell"}]}}""");
        foreach (var name in new[] { "web", "api" })
        {
            Create(store, "apps", "deployments",
                $$$"""
                {"metadata":{"name":"{{{name}}}","namespace":"demo"},"spec":{"replicas":2,"selector":{"matchLabels":{"app":"{{{name}}}"} },
                 "template":{"metadata":{"labels":{"app":"{{{name}}}"} },"spec":{"containers":[{"name":"main","image":"{{{name}}}:1"}]} } } }
                """);
        }

        Create(store, "", "services",
            $$$"""
            {"metadata":{"name":"{{{ChartService}}}","namespace":"default"},
             "spec":{"clusterIP":"None","ports":[{"name":"http","port":80,"targetPort":{{{chartRepository.Port}}} }],"selector":{"app":"chartmuseum"} } }
            """);
        Create(store, "discovery.k8s.io", "endpointslices",
            $$$"""
            {"metadata":{"name":"{{{ChartService}}}-1","namespace":"default","labels":{"kubernetes.io/service-name":"{{{ChartService}}}"} },"addressType":"IPv4",
             "ports":[{"name":"http","port":{{{chartRepository.Port}}},"protocol":"TCP"}],"endpoints":[{"addresses":["{{{chartRepository.Host}}}"],"conditions":{"ready":true} }]}
            """);
    }

    private static void Create(ObjectStore store, string group, string plural, string json)
    {
        var type = ResourceCatalog.Find(group, "v1", plural)!;
        var value = JsonNode.Parse(json)!.AsObject();
        value["apiVersion"] = type.ApiVersion;
        value["kind"] = type.Kind;
        store.Create(type, Defaults.Fill(type, value), dryRun: false);
    }
}
