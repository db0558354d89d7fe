using System.CommandLine;
using Fairlead.Cli.Commands;
using Fairlead.Cli.Logins;

namespace Fairlead.Cli;

/// <summary>The commands and their options.</summary>
internal static class CommandLine
{
    private const int Failed = 1;
    private const int UsageError = 2;

    // As a shell says it of a program that was interrupted.
    private const int Interrupted = 130;

    /// <summary>For a renewal that was under way when somebody pressed Ctrl-C: without its answer the login would be lost.</summary>
    private static readonly TimeSpan _untilKilled = TimeSpan.FromSeconds(15);

    /// <summary>Runs the command that <paramref name="args"/> name.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] args, Surroundings surroundings)
    {
        var parsed = Root(surroundings).Parse(args);
        var code = await parsed.InvokeAsync(new InvocationConfiguration { Output = surroundings.Output, Error = surroundings.Errors, ProcessTerminationTimeout = _untilKilled });
        return parsed.Errors.Count > 0 ? UsageError : code;
    }

    private static RootCommand Root(Surroundings surroundings)
    {
        var server = new Option<string?>("--server") { Description = "The gateway, such as https://fairlead.example.com; FAIRLEAD_SERVER, or where you are signed in", HelpName = "URL", Recursive = true };
        var authority = new Option<string?>("--certificate-authority")
        {
            Description = "A PEM file with an authority that signs the certificates of the gateway and of its identity provider, beside those of the system", HelpName = "FILE",
        };
        var tokenFile = new Option<string?>("--token-file") { Description = "A file with a token to show, instead of a login", HelpName = "FILE" };
        var device = new Option<bool>("--device") { Description = "Sign in with a code, in a browser on any device" };
        var noBrowser = new Option<bool>("--no-browser") { Description = "Print the page to sign in at, and open no browser" };
        var provider = new Option<string?>("--provider") { Description = "The identity provider, where the gateway has several", HelpName = "NAME" };
        var merge = new Option<string?>("--merge") { Description = "Put the contexts into a kubeconfig, kubectl's own unless another is named, instead of printing them", HelpName = "FILE", Arity = ArgumentArity.ZeroOrOne };
        var prefix = new Option<string?>("--prefix") { Description = "What stands before the names of contexts and clusters", HelpName = "TEXT" };

        var shared = new Option<bool>("--shared-client") { Description = "Let this gateway have a login that is good at another gateway too" };
        Command login = new("login", "Sign in at the gateway's identity provider") { authority, device, noBrowser, provider, shared };
        login.Validators.Add(result =>
        {
            if (result.GetValue(device) && result.GetValue(noBrowser))
            {
                result.AddError("--device and --no-browser do not go together");
            }
        });
        Command logout = new("logout", "Sign out, and take the login back at the identity provider");
        Command kubeconfig = new("kubeconfig", "Print a kubeconfig of your clusters, or merge it into yours") { authority, tokenFile, merge, prefix };
        Command credential = new("credential", "Print a token for kubectl and other Kubernetes clients (an exec credential plugin)") { authority, tokenFile };
        login.SetAction((parsed, cancellation) => RunAsync(surroundings, () => LoginCommand.RunAsync(
            parsed.GetValue(server), parsed.GetValue(authority),
            new LoginChoice(parsed.GetValue(provider), parsed.GetValue(device) ? LoginWay.Device : parsed.GetValue(noBrowser) ? LoginWay.Link : LoginWay.Best, parsed.GetValue(shared)), surroundings, cancellation)));
        logout.SetAction((parsed, cancellation) => RunAsync(surroundings, () => LogoutCommand.RunAsync(parsed.GetValue(server), surroundings, cancellation)));
        kubeconfig.SetAction((parsed, cancellation) => RunAsync(surroundings, () => KubeconfigCommand.RunAsync(
            new KubeconfigRequest(
                parsed.GetValue(server), parsed.GetValue(authority), parsed.GetValue(tokenFile), parsed.GetResult(merge) is not null, parsed.GetValue(merge), parsed.GetValue(prefix) ?? ""),
            surroundings, cancellation)));
        credential.SetAction((parsed, cancellation) => RunAsync(surroundings, () => CredentialCommand.RunAsync(
            parsed.GetValue(server), parsed.GetValue(authority), parsed.GetValue(tokenFile), surroundings, cancellation)));
        return new RootCommand("Fairlead on your own machine: sign in at a gateway, and use its clusters with kubectl. The server is another program, in the gateway's image.") { server, login, logout, kubeconfig, credential };
    }

    private static async Task<int> RunAsync(Surroundings surroundings, Func<Task> command)
    {
        try
        {
            await command();
            return 0;
        }
        catch (CommandFailure failure)
        {
            await surroundings.Errors.WriteLineAsync($"fairlead: {failure.Message}");
            return Failed;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            await surroundings.Errors.WriteLineAsync($"fairlead: the login cannot be kept or read: {exception.Message}");
            return Failed;
        }
        catch (OperationCanceledException)
        {
            await surroundings.Errors.WriteLineAsync("fairlead: interrupted");
            return Interrupted;
        }
    }
}
