using Fairlead.Kubernetes.Connections;
using Fairlead.Kubernetes.Kubeconfigs;

namespace Fairlead.Fuzz.Targets;

/// <summary>Kubeconfigs, as a file and as a text whose writer need not be trusted. An input is one.</summary>
internal static class Kubeconfigs
{
    private static readonly string _file = Path.Combine(ScratchFolder.Path, "kubeconfig");

    /// <summary>Reads one kubeconfig.</summary>
    public static bool Attack(byte[] input)
    {
        File.WriteAllBytes(_file, input);
        var read = KubeconfigReader.Read([_file]);
        Check(read);
        var text = KubeconfigReader.ReadText(InputText.Utf8(input), "text");
        Check(text);
        foreach (var context in text.Contexts.Where(static context => context.Problems.Count == 0))
        {
            Invariant.Holds(!NamesFile(context), "a text from elsewhere names a file or a program");
        }

        return read.Contexts.Any(static context => context.Problems.Count == 0);
    }

    private static void Check(Kubeconfig read)
    {
        Invariant.Holds(read.Errors.Count == 0 || read.Contexts.Count == 0, "a file with errors has contexts");
        Invariant.Holds(read.Contexts.Select(static context => context.Name).Distinct(StringComparer.Ordinal).Count() == read.Contexts.Count, "two contexts have one name");
        foreach (var context in read.Contexts)
        {
            Invariant.Holds(context.Name.Length > 0, "a context has no name");
            Invariant.Holds(context.Problems.Count > 0 || context is { Connection: not null, Credential: not null }, "a context without problems cannot be used");
            Check(context);
        }
    }

    private static void Check(KubeconfigContext context)
    {
        if (context.Connection is { } connection)
        {
            var server = connection.Server;
            Invariant.Holds(server is { IsAbsoluteUri: true, Scheme: "http" or "https", UserInfo: "", Query: "", Fragment: "", Host.Length: > 0 }, $"the server is '{server}'");
        }

        if (context.Credential is KubeconfigCredential.Token token)
        {
            Invariant.Holds(token.Value.Reveal().All(static character => character is > ' ' and < '\x7f'), "the token is none");
            Invariant.Holds(token.Value.Reveal().Length < 16 || !context.ToString().Contains(token.Value.Reveal(), StringComparison.Ordinal), "the token is printed");
        }
    }

    private static bool NamesFile(KubeconfigContext context) =>
        context.Connection?.CertificateAuthority is PemSource.File
        || context.Credential is KubeconfigCredential.TokenFile or KubeconfigCredential.Exec
            or KubeconfigCredential.ClientCertificate { Source: { Certificate: PemSource.File } or { Key: PemSource.File } };
}
