using AwesomeAssertions;
using Fairlead.Kubernetes.Documents;
using Xunit;

namespace Fairlead.Kubernetes.Tests.Documents;

/// <summary>What fuzzing found: a document is bounded by what it stands for, and its JSON is the same when it is read again.</summary>
public sealed class YamlDocumentTests
{
    [Theory]
    [InlineData("{0}x{1}")]
    [InlineData("{{a: {0}x{1}}}", 1)]
    [InlineData("a: &a [x]\nb: {0}*a{1}", 2)]
    [InlineData("a: &a {{b: [[x, {{}}]]}}\nb: {0}*a{1}", 5)]
    [InlineData("a: &a {{b: [[{{}}, x]]}}\nb: {0}*a{1}", 5)]
    [InlineData("a: &a [[x]]\nb: &b [*a]\nc: {0}*b{1}", 4)]
    public void T115_Maps_and_lists_stand_in_one_another_as_deep_as_in_JSON(string format, int others = 0)
    {
        var most = YamlDocument.MaxDepth - others;

        var deep = Read(Nested(format, most));
        deep.Errors.Should().BeEmpty();
        JsonText.Read(JsonText.Of(deep.Root!), new TextOrigin("json", 0, "/")).Errors.Should().BeEmpty();
        Read(Nested(format, most + 1)).Errors.Should().ContainSingle().Which.Message.Should().Contain("more than 64 levels deep");
    }

    [Theory]
    [InlineData(YamlDocument.MaxAliasedValues, true)]
    [InlineData(YamlDocument.MaxAliasedValues + 1, false)]
    public void T115_Aliases_stand_for_a_bounded_number_of_values(int aliases, bool isRead)
    {
        var read = Read($"a: &a x\nb: [{string.Join(',', Enumerable.Repeat("*a", aliases))}]");

        read.Errors.Should().HaveCount(isRead ? 0 : 1);
    }

    [Fact]
    public void T115_Aliases_stand_for_a_bounded_text()
    {
        var text = new string('x', YamlDocument.MaxAliasedText / 10);

        Read($"a: &a {{k: {text[1..]}}}\nb: [{string.Join(',', Enumerable.Repeat("*a", 10))}]").Errors.Should().BeEmpty();
        Read($"a: &a {{k: {text}}}\nb: [{string.Join(',', Enumerable.Repeat("*a", 10))}]").Errors.Should().ContainSingle();
        Read($"a: &a [&b \"{text}\", *b]\nb: [*a,*a,*a,*a,*a]").Errors.Should().ContainSingle("what an alias stands for counts again");
    }

    [Theory]
    [InlineData("[x,x,x,x]")]
    [InlineData("{a: x, b: x, c: x, d: x}")]
    public void T115_A_long_key_costs_no_more_than_its_length(string format)
    {
        // Written with a question mark it may be as long as it wants.
        var key = new string('x', 600_000);
        var values = string.Join(',', Enumerable.Repeat(format, 20_000));
        var before = GC.GetAllocatedBytesForCurrentThread();

        Read($"? {key}\n: [{values}]").Errors.Should().BeEmpty();

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(400_000_000, "each path would be as long as the key");
    }

    [Fact]
    public void T115_Keys_that_are_written_twice_are_listed_with_short_paths_up_to_a_number()
    {
        var errors = Read($"{new string('x', 1000)}: {{{string.Join(',', Enumerable.Repeat("a: 1", 5000))}}}").Errors;

        errors.Should().HaveCountLessThan(200).And.OnlyContain(static error => error.Path.Length < 100);
        errors[0].Path.Should().EndWith("…'].a");
    }

    [Fact]
    public void The_path_of_a_key_that_is_written_twice_has_its_lists_and_maps() =>
        Read("a: [x, {b: [[], {c: 1, c: 2}]}]").Errors.Should().ContainSingle().Which.Path.Should().Be("a[1].b[1].c");

    [Theory]
    [InlineData("!foo [a]")]
    [InlineData("!!set {a, b}")]
    [InlineData("!foo key: v")]
    [InlineData("!!seq {a: b}")]
    [InlineData("!!null secret")]
    [InlineData("!!bool foo")]
    [InlineData("!!int x")]
    [InlineData("%TAG !a! !\n--- a")]
    public void Tags_beyond_the_core_schema_and_those_that_are_wrong_are_refused(string text) =>
        Read(text).Errors.Should().ContainSingle().Which.Message.Should().MatchRegex("tags? |TAG").And.NotContain("secret");

    [Theory]
    [InlineData("!!map {! a: !!seq [!!str 1, !!int 2, !!null '', !!bool true]}", "{\"a\":[\"1\",2,null,true]}")]
    public void Tags_of_the_core_schema_are_read(string text, string json) => JsonText.Of(Read(text).Root!).Should().Be(json);

    [Fact]
    public void T115_A_prefix_of_tags_is_not_put_before_each_of_them()
    {
        var text = $"%TAG !a! !{new string('.', 1 << 20)}\n--- [{string.Concat(Enumerable.Repeat("!a!x [],", 2000))}]";
        var before = GC.GetAllocatedBytesForCurrentThread();

        Read(text).Errors.Should().ContainSingle();

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(100_000_000);
    }

    [Theory]
    [InlineData("%x", 1024)]
    [InlineData("%x\0", 2048)]
    [InlineData("\uFEFF%x", 1024)]
    [InlineData("a: b\r%x", 1024)]
    [InlineData("a: b\n...\n%x", 3072)]
    [InlineData("%x", 1000)]
    public void T115_A_directive_in_the_last_line_is_refused(string begin, int length) =>
        // Two billion steps each, where it is read.
        Read(string.Concat(begin, string.Concat(Enumerable.Repeat("-.", length)).AsSpan(0, length - begin.Length))).Errors.Should().ContainSingle();

    [Fact]
    public void Half_of_a_character_is_no_JSON() =>
        JsonText.Read("\"\ud800\"", new TextOrigin("json", 0, "/")).Errors.Should().ContainSingle();

    [Fact]
    public void An_anchor_of_a_key_is_refused() =>
        Read("x: &a 1\n&a k: v\nz: *a").Errors.Should().ContainSingle("an alias would mean another value").Which.Message.Should().Contain("a key must not have an anchor");

    [Theory]
    [InlineData("0x1f", "31")]
    [InlineData("0xffffffffffffffff", "18446744073709551615")]
    [InlineData("0x1ffffffffffffffff", "\"0x1ffffffffffffffff\"")]
    public void Hexadecimal_numbers_are_none_in_JSON(string number, string json) => JsonText.Of(Read(number).Root!).Should().Be(json);

    [Fact]
    public void A_long_document_without_aliases_has_as_many_values_as_before() =>
        Read($"[{string.Join(',', Enumerable.Repeat("x", YamlDocument.MaxValues - 1))}]").Errors.Should().BeEmpty();

    [Theory]
    [InlineData("-0")]
    [InlineData("-.0")]
    [InlineData("-0.0")]
    [InlineData("-0e5")]
    public void T115_Minus_zero_is_zero_in_JSON(string number) => JsonText.Of(Read(number).Root!).Should().Be("0");

    private static DocumentResult Read(string text) => YamlDocument.Read(text, "document", "/");

    private static string Nested(string format, int levels) => string.Format(System.Globalization.CultureInfo.InvariantCulture, format, new string('[', levels), new string(']', levels));
}
