using System.Globalization;
using AwesomeAssertions;
using CsCheck;
using Fairlead.Kubernetes.Documents;
using Xunit;

namespace Fairlead.Kubernetes.Tests.Documents;

/// <summary>Long runs of base64 are read as they are written, wherever they stand.</summary>
public sealed class LongRunsTests
{
    private static readonly string _long = Convert.ToBase64String(Enumerable.Range(0, 1200).Select(static number => (byte)(number * 7)).ToArray());
    private static readonly string _digits = new('7', 300);

    [Fact]
    public void Every_style_gives_the_same_text()
    {
        var root = (MapNode)YamlDocument.Read($$"""
            plain: {{_long}}
            double: "a {{_long}} b"
            single: '{{_long}}'
            escaped: "\x41{{_long}}"
            literal: |
              {{_long}}
              {{_long}}
            flow: [{{_long}}, { key: {{_long}} }] # {{_long}}
            anchored: &a{{_long}} {{_long}}
            alias: *a{{_long}}
            number: {{_digits}}
            """, "test", "/").Root!;

        Text("plain").Should().Be(_long);
        Text("double").Should().Be($"a {_long} b");
        Text("single").Should().Be(_long);
        Text("escaped").Should().Be("A" + _long);
        Text("literal").Should().Be($"{_long}\n{_long}");
        var flow = (ListNode)root.Find("flow")!.Value;
        ((ScalarNode)flow.Items[0]).Text.Should().Be(_long);
        ((ScalarNode)((MapNode)flow.Items[1]).Find("key")!.Value).Text.Should().Be(_long);
        Text("alias").Should().Be(_long);
        ((ScalarNode)root.Find("number")!.Value).Type.Should().Be(ScalarKind.Number);
        root.Find("alias")!.Origin.Line.Should().Be(10);

        string Text(string key) => ((ScalarNode)root.Find(key)!.Value).Text.TrimEnd('\n');
    }

    [Theory]
    [InlineData(300, true)]
    [InlineData(1024, true)]
    [InlineData(1025, false)]
    [InlineData(900, false, "                                                                                                                                ")]
    [InlineData(2000, false, "", "&")]
    public void T115_A_long_key_is_one_only_where_the_parser_says_so(int length, bool isRead, string gap = "", string before = "")
    {
        var key = new string('7', length);

        // A word in front: an anchor is not a part of the key.
        var read = YamlDocument.Read($"long: {_long}\n{before}{key}{(before.Length > 0 ? " key" : "")}{gap}: value\n", "test", "/");

        read.Errors.Should().HaveCount(isRead ? 0 : 1);
        (read.Root is not null).Should().Be(isRead);
        (read.Root as MapNode)?.Entries.Select(static entry => (entry.Key, ((ScalarNode)entry.Value).Text)).Should().Equal(("long", _long), (key, "value"));
    }

    [Theory]
    [InlineData("a:\n          b: [\n\"{0}\", c]\n")]
    [InlineData("%TAG !x! tag:{0}\n--- a\n")]
    [InlineData("%A_{0} x\n--- a\n")]
    [InlineData("a: [{0}\n")]
    [InlineData("a: &{0} b\nc: *{0}\n")]
    [InlineData("? a: {0}\n: b\n")]
    [InlineData("a: >\n  {0}\n   {0}\n\n  {0} # b\n")]
    [InlineData("a: {0}\n  {0}\n  #{0}\n")]
    public void T115_A_document_is_the_same_with_runs_taken_out_and_without(string format)
    {
        var text = string.Format(CultureInfo.InvariantCulture, format, _long);

        var (read, whole) = (YamlDocument.Read(text, "test", "/"), YamlDocument.ReadWhole(text, "test", "/"));

        (read.Errors.Count > 0).Should().Be(whole.Errors.Count > 0);
        (read.Root is null ? null : JsonText.Of(read.Root)).Should().Be(whole.Root is null ? null : JsonText.Of(whole.Root));
    }

    [Theory]
    [InlineData(2042, 1022, 256)]
    [InlineData(200_000, 1, 300_000)]
    [InlineData(201_727, 1, 300_000)]
    [InlineData(1001, 0, 256)]
    public void T115_Spaces_beyond_what_the_parser_looks_ahead_for_are_refused(int spaces, int dashes, int letters) =>
        YamlDocument.Read($"a: x\nb: |1\n{new string(' ', spaces)}{new string('-', dashes)}{new string('A', letters)}\n", "test", "/")
            .Errors.Should().ContainSingle().Which.Origin.Line.Should().Be(3);

    [Fact]
    public void T115_As_many_spaces_as_the_parser_can_look_ahead_for_are_read() =>
        ((ScalarNode)((MapNode)YamlDocument.Read($"b: |1\n{new string(' ', 1000)}{_long}\n", "test", "/").Root!).Entries[0].Value).Text.Should().Be(new string(' ', 999) + _long + "\n");

    [Theory]
    [InlineData("\"\\uE0000\\uE001\"")]
    [InlineData("\"\\U0000E0000\\U0000E001\"")]
    [InlineData("\uE0000\uE001")]
    public void A_mark_that_is_written_in_the_text_is_none(string mark)
    {
        var root = (MapNode)YamlDocument.Read($"long: {_long}\nmark: {mark}\n", "test", "/").Root!;

        ((ScalarNode)root.Find("mark")!.Value).Text.Should().Be("\uE0000\uE001");
        ((ScalarNode)root.Find("long")!.Value).Text.Should().Be(_long);
    }

    [Fact]
    public void T115_What_is_taken_out_is_put_back()
    {
        var part = Gen.OneOf(Gen.String[0, 20], Gen.Const(_long), Gen.Const(_digits), Gen.Const("\\"), Gen.Const("%"), Gen.Const("\uE000"), Gen.Const("\uE0000\uE001"));
        part.Array[0, 8].Select(string.Concat).Sample(static text =>
        {
            var runs = LongRuns.In(text);

            return string.Equals(runs.Restore(runs.Text), text, StringComparison.Ordinal) && runs.Text.Length <= text.Length;
        });
    }
}
