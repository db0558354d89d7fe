using System.CommandLine;

namespace Fairlead.Commands;

/// <summary>The commands about who may do what: <c>can</c> and <c>rbac</c>.</summary>
internal static class AccessCommands
{
    /// <summary>Adds to a command what says where the configuration is, and what runs it.</summary>
    public delegate Command Configured(Command command, Func<ServeArguments, ParseResult, CancellationToken, Task<int>> run);

    private static readonly Option<string> _user = new("--as") { Description = "The caller's name, as the gateway knows them", Required = true };
    private static readonly Option<string[]> _groups = new("--groups", "--as-group") { Description = "A group of the caller's; given again for each", AllowMultipleArgumentsPerToken = false };
    private static readonly Option<string[]> _claims = new("--claim") { Description = "A claim of the caller's, name=value", AllowMultipleArgumentsPerToken = false };
    private static readonly Option<string?> _cluster = new("--cluster") { Description = "The cluster; needed where there are several" };
    private static readonly Option<string> _namespace = new("--namespace", "-n") { Description = "The namespace; all of them, or none, where it is left out", DefaultValueFactory = static _ => "" };
    private static readonly Argument<string> _verb = new("verb") { Description = "get, list, watch, create, update, patch, delete, deletecollection; the method in small letters for a path" };
    private static readonly Argument<string> _resource = new("resource") { Description = "The plural with group and sub-resource (pods, pods/exec, deployments.apps), or a path (/metrics)" };
    private static readonly Argument<string> _name = new("name") { Description = "The object's name", DefaultValueFactory = static _ => "" };
    private static readonly Option<string> _account = new("--name") { Description = "The name of the ServiceAccount and of its roles", DefaultValueFactory = static _ => "fairlead-impersonator" };
    private static readonly Option<string> _accountNamespace = new("--namespace", "-n") { Description = "The namespace of the ServiceAccount", DefaultValueFactory = static _ => "fairlead" };
    private static readonly Option<string?> _certificateUser = new("--user") { Description = "The user of a client certificate, in place of a ServiceAccount" };

    /// <summary><c>fairlead can</c>.</summary>
    public static Command Can(Func<ServeArguments, CanArguments, CancellationToken, Task<int>> run, Configured configured) => configured(
        new Command("can", "Say whether somebody may do something by the access rules, and why; the exit code is 0 for yes, 1 for no, 2 where it cannot be said")
        {
            _user, _groups, _claims, _cluster, _namespace, _verb, _resource, _name,
        },
        (arguments, parsed, cancellationToken) => run(arguments, new CanArguments(
            parsed.GetRequiredValue(_user), parsed.GetValue(_groups) ?? [], parsed.GetValue(_claims) ?? [], parsed.GetValue(_cluster), parsed.GetRequiredValue(_namespace),
            parsed.GetRequiredValue(_verb), parsed.GetRequiredValue(_resource), parsed.GetRequiredValue(_name)), cancellationToken));

    /// <summary><c>fairlead rbac</c>.</summary>
    public static Command Rbac(Func<ServeArguments, RbacArguments, CancellationToken, Task<int>> run, Configured configured) => configured(
        new Command("rbac", "Print what the account that impersonates needs in a cluster, for kubectl apply")
        {
            _cluster, _account, _accountNamespace, _certificateUser,
        },
        (arguments, parsed, cancellationToken) => run(arguments, new RbacArguments(
            parsed.GetValue(_cluster), parsed.GetRequiredValue(_account), parsed.GetRequiredValue(_accountNamespace), parsed.GetValue(_certificateUser)), cancellationToken));
}
