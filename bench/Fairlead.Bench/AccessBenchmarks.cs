using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Fairlead.Access;
using Fairlead.Callers;
using Fairlead.Clusters;
using Fairlead.Configuration;
using Fairlead.Credentials;
using Fairlead.Credentials.Impersonation;
using Fairlead.Forwarding;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Testing.Gateways;
using Fairlead.Testing.Upstreams;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fairlead.Bench;

/// <summary>What a decision costs: by rules, and by a cluster's answer that is remembered.</summary>
[MemoryDiagnoser]
public class AccessBenchmarks
{
    private const string Url = "https://127.0.0.1:1";
    private static readonly Cluster _cluster = new(
        TestCluster.Held("kind", Url), new GatewayOptions(), TestCluster.Minters, static (_, _) => throw new InvalidOperationException("nothing is resolved here"), TimeProvider.System, NullLoggerFactory.Instance);

    private readonly Caller.Portal _caller = new("jane@example.com", [.. Enumerable.Range(0, 30).Select(static number => $"team-{number}"), "ops"])
    {
        Claims = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { ["department"] = ["platform"] },
    };

    private readonly KubernetesAction _allowed = Action("get", "pods", "ops-tools");
    private readonly KubernetesAction _denied = Action("get", "secrets", "ops-tools");
    private readonly KubernetesAction _unmentioned = Action("delete", "endpoints", "nowhere");
    private AccessPolicy _policy = null!;
    private AccessPolicy _globs = null!;

    /// <summary>How many rules there are.</summary>
    [Params(10, 1_000, 10_000)]
    public int Rules { get; set; }

    /// <summary>Runs it, and writes a table.</summary>
    public static int Run()
    {
        var config = ManualConfig.CreateEmpty()
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
            .AddColumnProvider(DefaultConfig.Instance.GetColumnProviders().ToArray())
            .AddExporter(BenchmarkDotNet.Exporters.MarkdownExporter.GitHub)
            .AddLogger(ConsoleLogger.Default)
            .WithArtifactsPath(Path.Combine("artifacts", "access"));
        return BenchmarkRunner.Run([typeof(AccessBenchmarks), typeof(ReviewBenchmarks)], config).All(static summary => summary.Reports.Length > 0 && summary.Reports.All(static report => report.Success)) ? 0 : 1;
    }

    /// <summary>Compiles the rules, and meets each once.</summary>
    [GlobalSetup]
    public void Compile()
    {
        _policy = new AccessPolicy([.. Enumerable.Range(0, Rules - 2).Select(Rule), Denying, Allowing]);
        _globs = new AccessPolicy([.. Enumerable.Range(0, Rules - 1).Select(static number => Rule(2) with { Users = [$"*-{number}@example.com"], Namespaces = ["*"] }), Allowing with { Groups = ["o*s"] }]);
        if (JudgeLastRuleAllows() != VerdictKind.Allowed || JudgeARuleDenies() != VerdictKind.Denied || JudgeNoRuleSaysAnything() != VerdictKind.NotAllowed || JudgeEveryRuleIsAPattern() != VerdictKind.Allowed)
        {
            throw new InvalidOperationException("The rules do not decide what is to be measured.");
        }
    }

    /// <summary>The last rule of all allows it.</summary>
    [Benchmark]
    public int LastRuleAllows() => (int)JudgeLastRuleAllows();

    /// <summary>The last rule that denies does.</summary>
    [Benchmark]
    public int ARuleDenies() => (int)JudgeARuleDenies();

    /// <summary>No rule says anything about it.</summary>
    [Benchmark]
    public int NoRuleSaysAnything() => (int)JudgeNoRuleSaysAnything();

    /// <summary>The subjects of all rules are patterns, so that each has to be looked at.</summary>
    [Benchmark]
    public int EveryRuleIsAPattern() => (int)JudgeEveryRuleIsAPattern();

    private VerdictKind JudgeLastRuleAllows() => Decision.Judge(_caller, _cluster, _allowed, isJudgedByCluster: false, _policy).Kind;

    private VerdictKind JudgeARuleDenies() => Decision.Judge(_caller, _cluster, _denied, isJudgedByCluster: false, _policy).Kind;

    private VerdictKind JudgeNoRuleSaysAnything() => Decision.Judge(_caller, _cluster, _unmentioned, isJudgedByCluster: false, _policy).Kind;

    private VerdictKind JudgeEveryRuleIsAPattern() => Decision.Judge(_caller, _cluster, _allowed, isJudgedByCluster: false, _globs).Kind;

    private static AccessRule Allowing => new() { Groups = ["ops"], Clusters = ["kind"], Namespaces = ["ops-*"], Resources = ["pods", "pods/log"], Verbs = ["get", "list", "watch"] };

    private static AccessRule Denying => new() { Users = ["*"], Clusters = ["*"], Namespaces = ["*"], Resources = ["secrets"], Verbs = ["*"], Denies = true };

    /// <summary>Rules as they are written: a team and its namespaces, a person, a claim, what nobody may; one in ten for another cluster.</summary>
    private static AccessRule Rule(int number)
    {
        var rule = new AccessRule
        {
            Clusters = [number % 10 == 9 ? "other" : "*"], Namespaces = [$"team-{number}", $"team-{number}-test"], Resources = ["pods", "pods/log", "deployments.apps", "services/proxy"], Verbs = ["get", "list", "watch"],
        };
        return (number % 20) switch
        {
            0 => rule with { Groups = [$"team-{number}-*"] },
            1 => rule with { Claims = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { ["department"] = [$"department-{number}"] } },
            2 or 3 or 4 or 5 => rule with { Users = [$"user-{number}@example.com"] },
            6 => rule with { Groups = [$"team-{number}"], Denies = true, Resources = ["secrets"] },
            _ => rule with { Groups = [$"team-{number}"] },
        };
    }

    private static KubernetesAction Action(string verb, string resource, string space) =>
        new() { IsResourceRequest = true, Verb = verb, Path = "", ApiVersion = "v1", Resource = resource, Namespace = space, Name = "web" };
}

/// <summary>What a cluster's answer costs that is remembered, with all that a request brings anew: its token, or who is impersonated.</summary>
[MemoryDiagnoser]
public class ReviewBenchmarks : IAsyncDisposable
{
    private readonly RawUpstream _server = new();
    private readonly Caller.Portal _caller = new("jane@example.com", [.. Enumerable.Range(0, 30).Select(static number => $"team-{number}")]);
    private readonly ImpersonationDefinition _rules = new() { Users = ["*"], Groups = [.. Enumerable.Range(0, 30).Select(static number => $"team-{number}")] };
    private readonly KubernetesAction _action = new() { IsResourceRequest = true, Verb = "create", Path = "", ApiVersion = "v1", Resource = "pods", Subresource = "exec", Namespace = "team", Name = "web" };
    private readonly Secret _token = new("Bearer " + new string('t', 900));
    private ImpersonatedCallers _impersonated = null!;
    private AccessReviews _reviews = null!;

    /// <summary>Asks once.</summary>
    [GlobalSetup]
    public async Task AskAsync()
    {
        _server.Respond(RawAnswer.Json(201, """{"status":{"allowed":true}}"""));
        var definition = TestCluster.Held("kind", _server.Url);
        var time = new StoppedClock();
        var upstream = new ClusterUpstream(definition, new GatewayOptions(), TimeProvider.System, NullLoggerFactory.Instance);
        var held = CredentialSource.For(definition.Credential);
        var api = new ClusterApi(upstream, held, TimeSpan.FromSeconds(20));
        var impersonated = definition with { Credential = new CredentialDefinition.Impersonate(definition.Credential, null, _rules) };
        _reviews = new AccessReviews(api, PlannedCredentials.For(impersonated, held, api, time), "kind", TimeSpan.FromSeconds(10), time, NullLogger<AccessReviews>.Instance);
        _impersonated = new ImpersonatedCallers(_rules);
        foreach (var plan in new CredentialPlan[] { new CredentialPlan.Own(_token), _impersonated.PlanFor(_caller, out _)! })
        {
            if (await _reviews.RefuseAsync(plan, _action, isRepeated: false, stranger: null, CancellationToken.None) is { } refusal)
            {
                throw new InvalidOperationException(refusal.Message);
            }
        }
    }

    /// <inheritdoc/>
    [GlobalCleanup]
    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>On the caller's own token of 900 characters.</summary>
    [Benchmark]
    public bool OwnToken() => IsAllowed(new CredentialPlan.Own(_token));

    /// <summary>Impersonated, with 30 groups.</summary>
    [Benchmark]
    public bool Impersonated() => IsAllowed(_impersonated.PlanFor(_caller, out _)!);

    private bool IsAllowed(CredentialPlan plan)
    {
        var asked = _reviews.RefuseAsync(plan, _action, isRepeated: false, stranger: null, CancellationToken.None);
        return asked.IsCompletedSuccessfully ? asked.Result is null : throw new InvalidOperationException("It is not known from memory.");
    }

    /// <summary>So that no answer gets old while it is measured.</summary>
    private sealed class StoppedClock : TimeProvider
    {
        public override long GetTimestamp() => 0;
    }
}
