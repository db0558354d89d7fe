using System.Text.Json.Nodes;
using Fairlead.Demo.Resources;
using Fairlead.Demo.Storage;

namespace Fairlead.Demo.Pods;

/// <summary>Keeps as many running pods as a deployment asks for, and marks every pod as running: what a rollout waits for.</summary>
internal sealed class DeploymentController(ObjectStore store)
{
    private static readonly ResourceType _deployments = ResourceCatalog.Find("apps", "v1", "deployments")!;
    private static readonly ResourceType _pods = ResourceCatalog.Find("", "v1", "pods")!;
    private static readonly ResourceType _accounts = ResourceCatalog.Find("", "v1", "serviceaccounts")!;

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var channel = store.Watch(0);
        try
        {
            await foreach (var happened in channel.Reader.ReadAllAsync(cancellationToken))
            {
                var meta = happened.Object["metadata"]!;
                var @namespace = meta["namespace"]?.GetValue<string>() ?? "";
                var name = meta["name"]!.GetValue<string>();
                switch (happened.Resource.Kind, happened.Type)
                {
                    case ("Namespace", "ADDED"):
                        EnsureAccount(name);
                        break;
                    case ("Deployment", _):
                        Reconcile(@namespace, name);
                        break;
                    case ("Pod", "ADDED"):
                        MarkRunning(@namespace, name);
                        break;
                    case ("Pod", "DELETED") when Owner(happened.Object) is { } owner:
                        Reconcile(@namespace, owner);
                        break;
                    default:
                        break;
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The cluster stops.
        }
        finally
        {
            store.Unwatch(channel);
        }
    }

    private static string? Owner(JsonObject pod) => (pod["metadata"]!["labels"] as JsonObject)?["fairlead.dev/deployment"]?.GetValue<string>();

    private void EnsureAccount(string @namespace)
    {
        if (store.Get(_accounts, @namespace, "default") is null)
        {
            store.Create(_accounts, new JsonObject
            {
                ["apiVersion"] = "v1", ["kind"] = "ServiceAccount", ["metadata"] = new JsonObject { ["name"] = "default", ["namespace"] = @namespace },
            }, dryRun: false);
        }
    }

    private void Reconcile(string @namespace, string name)
    {
        var pods = store.List(_pods, @namespace).Items
            .Where(pod => string.Equals(Owner(pod), name, StringComparison.Ordinal))
            .Select(static pod => pod["metadata"]!["name"]!.GetValue<string>()).ToList();
        if (store.Get(_deployments, @namespace, name) is not { } deployment)
        {
            pods.ForEach(pod => store.Delete(_pods, @namespace, pod));
            return;
        }

        var wanted = int.Parse(deployment["spec"]?["replicas"]?.ToString() ?? "1", System.Globalization.CultureInfo.InvariantCulture);
        for (var i = pods.Count; i < wanted; i++)
        {
            store.Create(_pods, PodOf(deployment, @namespace, name), dryRun: false);
        }

        foreach (var surplus in pods.Skip(wanted))
        {
            store.Delete(_pods, @namespace, surplus);
        }

        store.Update(_deployments, @namespace, name, current =>
        {
            current["status"] = new JsonObject
            {
                ["observedGeneration"] = current["metadata"]!["generation"]!.DeepClone(), ["replicas"] = wanted,
                ["updatedReplicas"] = wanted, ["readyReplicas"] = wanted, ["availableReplicas"] = wanted,
                ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Available", ["status"] = "True" }),
            };
            return current;
        }, dryRun: false);
    }

    private static JsonObject PodOf(JsonObject deployment, string @namespace, string name)
    {
        var template = deployment["spec"]!["template"]!;
        var labels = template["metadata"]?["labels"]?.DeepClone().AsObject() ?? [];
        labels["fairlead.dev/deployment"] = name;
        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = new JsonObject { ["name"] = $"{name}-{Guid.NewGuid().ToString("N")[..8]}", ["namespace"] = @namespace, ["labels"] = labels },
            ["spec"] = template["spec"]!.DeepClone(),
            ["status"] = new JsonObject { ["phase"] = "Pending" },
        };
    }

    private void MarkRunning(string @namespace, string name)
    {
        if (store.Get(_pods, @namespace, name) is null)
        {
            return;
        }

        store.Update(_pods, @namespace, name, static pod =>
        {
            pod["status"] = new JsonObject
            {
                ["phase"] = "Running",
                ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = "True" }),
                ["containerStatuses"] = new JsonArray([.. pod["spec"]!["containers"]!.AsArray().Select(static container => (JsonNode)new JsonObject
                {
                    ["name"] = container!["name"]!.DeepClone(), ["ready"] = true, ["restartCount"] = 0, ["image"] = container["image"]?.DeepClone(),
                })]),
            };
            return pod;
        }, dryRun: false);
    }
}
