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
