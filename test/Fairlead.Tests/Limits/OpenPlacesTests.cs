using System.Net;
using AwesomeAssertions;
using Fairlead.Access;
using Fairlead.Callers;
using Fairlead.Limits;
using Xunit;

namespace Fairlead.Tests.Limits;

/// <summary>Counting what is open.</summary>
public sealed class OpenPlacesTests
{
    private readonly OpenPlaces _places = new(new ScopedLimit(2, 3, 2, 5));

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
    public void T113_Callers_whom_nobody_knows_count_by_what_they_showed()
    {
        var first = CallerKey.Of(new Identified(Caller.ClusterTokenHolder.Instance, null) { Proof = TokenHash.Of("one") }, "a");
        var second = CallerKey.Of(new Identified(Caller.ClusterTokenHolder.Instance, null) { Proof = TokenHash.Of("two") }, "a");

        first.Should().NotBe(second);
        first.Should().Be(CallerKey.Of(new Identified(Caller.ClusterTokenHolder.Instance, null) { Proof = TokenHash.Of("one") }, "b"));
    }

    [Fact]
    public void T113_One_person_is_one_caller_however_they_signed_in()
    {
        var jane = new Caller.Portal("jane", []);

        CallerKey.Of(new Identified(jane, null) { Proof = TokenHash.Of("cookie") }, "a").Should().Be(CallerKey.Of(new Identified(jane, null) { Proof = TokenHash.Of("token") }, "b"));
    }

    [Fact]
    public void T113_The_word_of_one_cluster_names_nobody_at_another()
    {
        var said = new Identified(new Caller.ClusterTokenHolder(new ClusterUser("jane", [])), null);

        CallerKey.Of(said, "a").Should().NotBe(CallerKey.Of(said, "b"));
        CallerKey.Of(said, "a").Should().NotBe(CallerKey.Of(new Identified(new Caller.Portal("jane", []), null), "a"));
    }

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
