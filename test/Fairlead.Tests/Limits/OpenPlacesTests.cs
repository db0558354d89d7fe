using System.Net;
using AwesomeAssertions;
using Fairlead.Access;
using Fairlead.Callers;
using Fairlead.Credentials;
using Fairlead.Kubernetes.Secrets;
using Fairlead.Limits;
using Xunit;

namespace Fairlead.Tests.Limits;

/// <summary>Counting what is open.</summary>
public sealed class OpenPlacesTests
{
    private readonly OpenPlaces _places = new(new ScopedLimit(2, 3, 2, 5));

    [Theory]
    [InlineData(64, 256, 1024)]
    [InlineData(384, 768, 3072)]
    [InlineData(512, 1024, 4096)]
    [InlineData(2048, 4096, 8192)]
    [InlineData(65536, 4096, 8192)]
    public void T113_The_defaults_fit_into_the_memory_that_there_is(long mebibytes, int open, int connections)
    {
        ScopedLimit.For(mebibytes << 20).Should().Be(new ScopedLimit(Math.Min(256, open / 4), open / 2, open / 4, open));
        ConnectionLimit.For(mebibytes << 20).Should().Be(new ConnectionLimit(connections / 4, connections));
    }

    [Fact]
    public void T113_Each_scope_has_its_limit_and_says_which_is_used_up()
    {
        _places.Enter(Key("ann", "a")).Should().BeNull();
        _places.Enter(Key("ann", "a")).Should().BeNull();
        _places.Enter(Key("ann", "b")).Should().Be(LimitScope.Caller);

        _places.Enter(Key("bob", "a", "web")).Should().BeNull();
        _places.Enter(Key("eve", "a")).Should().Be(LimitScope.Cluster);

        _places.Enter(Key("bob", "b", "web")).Should().BeNull();
        _places.Enter(Key("eve", "b", "web")).Should().BeNull();
        _places.Enter(Key("fay", "b", "web")).Should().Be(LimitScope.Service);
        _places.Enter(Key("fay", "c")).Should().Be(LimitScope.All);
    }

    [Fact]
    public void T113_A_place_that_is_given_back_is_free_and_a_refusal_takes_none()
    {
        for (var round = 0; round < 100; round++)
        {
            _places.Enter(Key("ann", "a", "web")).Should().BeNull();
            _places.Enter(Key("ann", "a", "web")).Should().BeNull();
            _places.Enter(Key("ann", "a", "web")).Should().Be(LimitScope.Caller);
            _places.Leave(Key("ann", "a", "web"));
            _places.Leave(Key("ann", "a", "web"));
        }
    }

    [Fact]
    public void T113_Callers_whom_nobody_knows_count_by_the_token_that_travels()
    {
        var nobody = new Identified(Caller.ClusterTokenHolder.Instance, null);

        Of(nobody, "a", "one").Should().NotBe(Of(nobody, "a", "two"));
        Of(nobody, "a", "one").Should().Be(Of(nobody, "b", "one"));
        CallerKey.Of(new Authority(nobody, null, null, null)).Should().BeNull();
        CallerKey.Of(new Authority(null, null, null, null)).Should().BeNull();
    }

    [Fact]
    public void T113_One_person_is_one_caller_however_they_signed_in()
    {
        var jane = new Caller.Portal("jane", []);

        Of(new Identified(jane, null) { Proof = TokenHash.Of("cookie") }, "a").Should().Be(Of(new Identified(jane, null) { Proof = TokenHash.Of("token") }, "b"));
    }

    [Fact]
    public void T113_The_word_of_one_cluster_names_nobody_at_another()
    {
        var said = new Identified(new Caller.ClusterTokenHolder(new ClusterUser("jane", [])), null);

        Of(said, "a").Should().NotBe(Of(said, "b"));
        Of(said, "a").Should().NotBe(Of(new Identified(new Caller.Portal("jane", []), null), "a"));
    }

    private static CallerKey? Of(Identified identified, string cluster, string? token = null) => CallerKey.Of(
        new Authority(identified, Make.Held(cluster), token is null ? CredentialPlan.Held.Instance : new CredentialPlan.Own(new Secret(token)), null));

    [Fact]
    public void T113_Made_up_tokens_from_one_address_have_no_more_than_one_cluster_and_others_have_theirs()
    {
        var (here, there) = (IPAddress.Parse("2001:db8::"), IPAddress.Parse("192.0.2.1"));
        _places.Enter(Stranger("one", here, "a")).Should().BeNull();
        _places.Enter(Stranger("two", here, "b")).Should().BeNull();
        _places.Enter(Stranger("three", here, "c")).Should().BeNull();

        _places.Enter(Stranger("four", here, "d")).Should().Be(LimitScope.Stranger);
        _places.Enter(Stranger("five", there, "a")).Should().BeNull();
        _places.Leave(Stranger("one", here, "a"));
        _places.Enter(Stranger("four", here, "d")).Should().BeNull();
    }

    [Theory]
    [InlineData("web")]
    [InlineData("web:80")]
    [InlineData("https:web:443")]
    [InlineData("https:web:")]
    public void T113_A_Service_is_the_same_at_every_door(string name)
    {
        var action = new KubernetesAction { IsResourceRequest = true, Verb = "get", Path = "", Resource = "services", Subresource = "proxy", Namespace = "default", Name = name };

        ServiceKey.Of(action, "a").Should().Be(new ServiceKey("a", "default", "web"));
        ServiceKey.Of(action with { Subresource = "" }, "a").Should().BeNull();
        ServiceKey.Of(action with { Resource = "pods" }, "a").Should().BeNull();
    }

    private static PlaceKey Stranger(string token, IPAddress address, string cluster) => new(new CallerKey("", "", TokenHash.Of(token)), address, cluster, null);

    private static PlaceKey Key(string caller, string cluster, string? service = null) =>
        new(new CallerKey(caller, "", default), null, cluster, service is null ? null : new ServiceKey(cluster, "default", service));
}
