using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Fairlead.Cli.Kubeconfigs;

/// <summary>A kubeconfig as a document, of which all stays that is not ours.</summary>
internal sealed class KubeconfigDocument
{
    private readonly YamlDocument _document;
    private readonly YamlMappingNode _root;

    private KubeconfigDocument(YamlDocument document, YamlMappingNode root) => (_document, _root) = (document, root);

    /// <summary>Reads a file's text; an empty one is an empty kubeconfig.</summary>
    /// <param name="text">The text.</param>
    /// <param name="file">Where it is from, for messages.</param>
    /// <exception cref="CommandFailure">It is no kubeconfig.</exception>
    public static KubeconfigDocument Parse(string text, string file)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException exception)
        {
            // Not its message: it may hold a part of the text, and with that a secret.
            throw new CommandFailure($"{file} is no YAML (line {exception.Start.Line}); nothing was written", exception);
        }

        var document = stream.Documents.Count switch
        {
            0 => new YamlDocument(new YamlMappingNode()),
            1 when IsEmpty(stream.Documents[0].RootNode) => new YamlDocument(new YamlMappingNode()),
            1 => stream.Documents[0],
            _ => throw new CommandFailure($"{file} holds several documents, of which kubectl would read one; nothing was written"),
        };
        if (document.RootNode is not YamlMappingNode root)
        {
            throw new CommandFailure($"{file} is no kubeconfig; nothing was written");
        }

        SetWhereMissing(root, "apiVersion", "v1");
        SetWhereMissing(root, "kind", "Config");
        return new KubeconfigDocument(document, root);
    }

    /// <summary>Puts a user in, in place of one of that name.</summary>
    /// <param name="name">The user's name.</param>
    /// <param name="command">How kubectl starts the plugin.</param>
    /// <param name="arguments">Its arguments.</param>
    public void SetUser(string name, string command, IReadOnlyList<string> arguments)
    {
        var exec = new YamlMappingNode
        {
            { "apiVersion", Text(Credentials.ExecCredential.Version) },
            { "command", Text(command) },
            { "args", new YamlSequenceNode(arguments.Select(Text)) },
            { "interactiveMode", "IfAvailable" },
            // A login that is needed later finds the authorities of the gateway's certificate there.
            { "provideClusterInfo", "true" },
            { "installHint", Text("fairlead is needed to sign in: get it from whoever runs the gateway, and put it into a folder of PATH") },
        };
        Set(Entry("users", name), "user", new YamlMappingNode { { "exec", exec } });
    }

    /// <summary>Puts a cluster and its context in; what else they say, such as a namespace or a proxy, stays.</summary>
    /// <param name="name">The name of both.</param>
    /// <param name="server">The cluster's address.</param>
    /// <param name="authorityPem">The authorities of its certificate; null for those of the system.</param>
    /// <param name="user">The user.</param>
    public void SetCluster(string name, string server, string? authorityPem, string user)
    {
        const string authorityKey = "certificate-authority-data";
        var cluster = Map(Entry("clusters", name), "cluster");
        Set(cluster, "server", Text(server));
        if (authorityPem is not null)
        {
            Set(cluster, authorityKey, new YamlScalarNode(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(authorityPem))));
        }
        else
        {
            cluster.Children.Remove(new YamlScalarNode(authorityKey));
        }

        var context = Map(Entry("contexts", name), "context");
        Set(context, "cluster", Text(name));
        Set(context, "user", Text(user));
    }

    /// <summary>Whether a cluster or context of that name is there that is somebody else's.</summary>
    /// <param name="name">The name.</param>
    /// <param name="isOurs">Whether a cluster with that address is ours.</param>
    /// <param name="user">Our user.</param>
    public bool HasOther(string name, Func<string, bool> isOurs, string user)
    {
        var server = Find("clusters", name) is { } cluster ? Value(Get(cluster, "cluster"), "server") ?? "" : null;
        var holder = Find("contexts", name) is { } context ? Value(Get(context, "context"), "user") ?? "" : null;
        return (server is not null && !isOurs(server)) || (holder is not null && !string.Equals(holder, user, StringComparison.Ordinal));
    }

    /// <summary>Makes a context the current one where none is.</summary>
    public void SetCurrentWhereNone(string name)
    {
        if (Value(_root, "current-context") is null or "")
        {
            Set(_root, "current-context", Text(name));
        }
    }

    /// <summary>The document as text.</summary>
    public override string ToString()
    {
        using var writer = new StringWriter { NewLine = "\n" };
        new YamlStream(_document).Save(writer, assignAnchors: false);
        var text = writer.ToString();
        // The end of a document, which a file need not say.
        const string end = "...\n";
        return text.EndsWith("\n" + end, StringComparison.Ordinal) ? text[..^end.Length] : text;
    }

    private static bool IsEmpty(YamlNode node) => node is YamlScalarNode { Value: null or "" or "null" or "~", Style: ScalarStyle.Plain };

    private static YamlNode? Get(YamlNode? node, string key) => node is YamlMappingNode map && map.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null;

    private static string? Value(YamlNode? node, string key) => (Get(node, key) as YamlScalarNode)?.Value;

    private static void Set(YamlMappingNode map, string key, YamlNode value) => map.Children[new YamlScalarNode(key)] = value;

    private static YamlMappingNode Map(YamlMappingNode map, string key)
    {
        if (Get(map, key) is not YamlMappingNode found)
        {
            Set(map, key, found = []);
        }

        return found;
    }

    private static void SetWhereMissing(YamlMappingNode map, string key, string value)
    {
        if (Get(map, key) is null)
        {
            Set(map, key, new YamlScalarNode(value));
        }
    }

    /// <summary>A text that no reader takes for something else, whatever stands in it.</summary>
    private static YamlScalarNode Text(string value) => new(value) { Style = ScalarStyle.DoubleQuoted };

    private YamlMappingNode? Find(string list, string name) =>
        (Get(_root, list) as YamlSequenceNode)?.OfType<YamlMappingNode>().FirstOrDefault(entry => string.Equals(Value(entry, "name"), name, StringComparison.Ordinal));

    private YamlMappingNode Entry(string list, string name)
    {
        if (Find(list, name) is { } found)
        {
            return found;
        }

        if (Get(_root, list) is not YamlSequenceNode { Children.Count: > 0 } sequence)
        {
            // Made anew where it is empty too: it may be written as [].
            Set(_root, list, sequence = new YamlSequenceNode { Style = SequenceStyle.Block });
        }

        var entry = new YamlMappingNode { { "name", Text(name) } };
        sequence.Add(entry);
        return entry;
    }
}
