using Fairlead.Cli.Credentials;
using Fairlead.Cli.Gateways;
using Fairlead.Cli.Http;
using Fairlead.Cli.Kubeconfigs;
using Fairlead.Cli.Sessions;

namespace Fairlead.Cli.Commands;

/// <summary>What <c>fairlead kubeconfig</c> was asked for.</summary>
/// <param name="Server"><c>--server</c>.</param>
/// <param name="AuthorityFile"><c>--certificate-authority</c>.</param>
/// <param name="TokenFile"><c>--token-file</c>: a token of somebody else's instead of a login.</param>
/// <param name="Merges">Whether <c>--merge</c> was given.</param>
/// <param name="MergeFile">The file behind it; null for kubectl's own.</param>
/// <param name="Prefix"><c>--prefix</c>: what stands before the names of clusters and contexts.</param>
internal sealed record KubeconfigRequest(string? Server, string? AuthorityFile, string? TokenFile, bool Merges, string? MergeFile, string Prefix);

/// <summary><c>fairlead kubeconfig</c>.</summary>
internal static class KubeconfigCommand
{
    /// <summary>Prints a kubeconfig of the caller's clusters, or merges it into a file.</summary>
    public static async Task RunAsync(KubeconfigRequest request, Surroundings surroundings, CancellationToken cancellationToken)
    {
        var store = SessionStore.Open(surroundings);
        var address = GatewayChoice.Choose(request.Server, store, surroundings);
        var authority = GatewayChoice.Authority(request.AuthorityFile);
        var tokenFile = request.TokenFile is null ? null : Path.GetFullPath(request.TokenFile);
        string token;
        if (tokenFile is null)
        {
            var session = await new SessionKeeper(store, surroundings).GetAsync(address, authority, surroundings.IsInteractive, cancellationToken);
            (token, authority) = (session.IdToken!, authority ?? session.CertificateAuthority);
        }
        else
        {
            token = TokenFile.Read(tokenFile);
        }

        using var http = new SecureHttp(authority);
        var names = await new GatewayClient(address, http, surroundings.Time).ClustersAsync(token, cancellationToken);
        // kubectl trusts these alone then; they may have been given for the identity provider only.
        var needed = http.NeededAuthorities ? authority : null;
        void Put(KubeconfigDocument document)
        {
            var user = "fairlead@" + address.Place;
            var taken = names.Select(name => request.Prefix + name).Where(name => document.HasOther(name, server => server.StartsWith(address.Text + "/clusters/", StringComparison.Ordinal), user)).ToArray();
            if (taken.Length > 0)
            {
                throw new CommandFailure($"The kubeconfig has other clusters or contexts of these names already: {string.Join(", ", taken.Select(Printable.Of))}. Choose other names with --prefix, as in --prefix fairlead-; nothing was written");
            }

            document.SetUser(
                user, PluginCommand.Of(Environment.ProcessPath ?? "fairlead", surroundings.Variable), tokenFile is null ? ["credential", "--server", address.Text] : ["credential", "--token-file", tokenFile]);
            foreach (var name in names)
            {
                document.SetCluster(request.Prefix + name, address.OfCluster(name), needed, user);
            }

            if (names.Count > 0)
            {
                document.SetCurrentWhereNone(request.Prefix + names[0]);
            }
        }

        if (!request.Merges)
        {
            var document = KubeconfigDocument.Parse("", "");
            Put(document);
            await surroundings.Output.WriteAsync(document.ToString());
            return;
        }

        var file = request.MergeFile ?? KubeconfigFile.Default(surroundings.Variable);
        KubeconfigFile.Change(file, Put);
        await surroundings.Output.WriteLineAsync($"{file} has {(names.Count == 0 ? "no context of this gateway: it lists no cluster to you" : $"the contexts {string.Join(", ", names.Select(name => Printable.Of(request.Prefix + name)))}")}.");
    }
}
