using CsCheck;

namespace Fairlead.Testing.Access;

/// <summary>Random requests to an API server: meaningful ones in every spelling, and what spellings are attacked with.</summary>
internal static class Spellings
{
    private static readonly string[] _starts =
    [
        "", "", "api/v1", "apis/apps/v1", "apis/apps", "api", "apis", "api/v1/namespaces", "api/v1/namespaces/n", "apis/apps/v1/namespaces/n", "api/v1/watch",
        "apis/apps/v1/watch", "api/v1/watch/namespaces", "apis/apps/v1/watch/namespaces/n", "api/v1/proxy", "api/v1/proxy/namespaces/n", "api/v1/namespaces/n/pods/p",
        "api/v1/namespaces/n/services/s/proxy", "apis/apps/v1/namespaces/n/deployments/d", "api/v1/nodes/x/proxy", "API/v1", "healthz", "openapi/v3", "version",
    ];

    private static readonly string[] _words =
    [
        "api", "apis", "v1", "apps", "watch", "proxy", "proxy", "namespaces", "namespaces", "n", "pods", "pods", "secrets", "nodes", "services", "status", "finalize",
        "exec", "attach", "portforward", "log", "scale", "x", "a.b:c",
    ];

    private static readonly string[] _oddities =
    [
        "", "", ".", "..", "...", "%2e", "%2E%2e", ".%2e", "a%2Fb", "%2F", "%2f", "%5C", "%5c..", "%25", "%252F", "%2566", "%zz", "%", "%4", "%c3%a9", "%C3%A9x", "%ff", "a;b", ";", "..;x",
        "%3b", "+", "a+b", "%20", "*", "~", "%3Fwatch=1", "%23", "|", "[x]", "\"", "%00", "%7f", "%c0%ae", "proxy%2F", "%2Fapi", "api%2Fv1", "secrets;x", "%e2%80%ae", "k%C5%BFx",
    ];

    private static readonly string[] _keys =
    [
        "watch", "watch", "watch", "fieldSelector", "fieldSelector", "limit", "timeoutSeconds", "follow", "resourceVersion", "Watch", "watc", "", "x",
    ];

    private static readonly string[] _values =
    [
        "", "0", "1", "true", "false", "False", "FALSE", "00", " 0", "no", "fa", "metadata.name=a", "metadata.name==a", "metadata.name!=a", "metadata.name=", "metadata.name=..",
        "metadata.name=a/b", "metadata.namespace=n,metadata.name=a", "a=b", "metadata.name", "-1", "5",
    ];

    private static readonly string[] _rawPairs =
    [
        "watch", "watch=%zz", "watch=%", "%zz=1", "watch;x", "x;watch=1", "watch=1;", "=", "==", "watch=+0", "watch=0+", "watch=%30", "watch==1", "watch=1=0", "?watch=1", "watch%3D1", "watch%26=1",
        "wat%63h", "watch=fal%C5%BFe", "watch=f%C3%A5lse", "watch=%00", "fieldSelector=metadata.name%3d%2E%2E", "fieldSelector=metadata.name%3Da%2Cmetadata.name%3Da", "timeoutSeconds=", "limit=x",
        "fieldSelector=metadata.name=b,metadata.name=a", "fieldSelector=metadata.name=a,b", "fieldSelector=x%5C,metadata.name=a", "fieldSelector=metadata.name=a%5C,b",
        "fieldSelector=metadata.name=a%5Cb", "fieldSelector=metadata.name===a", "fieldSelector=metadata.name=%C3%A9",
    ];

    /// <summary>A path.</summary>
    public static Gen<string> Path { get; } = Gen.Select(Pick.From(_starts), Segments(6), Separator().Array[20], Pick.From("", "", "/", "//", "%2F", "/."))
        .SelectMany(static (start, rest, separators, end) => Spelled(start).Select(first =>
            "/" + string.Concat(first.Split('/').Concat(rest).Select((segment, index) => index == 0 ? segment : separators[index] + segment)) + end));

    /// <summary>A query with its question mark, or nothing.</summary>
    public static Gen<string> Query { get; } = Gen.OneOf(Gen.Const(""), Gen.Select(Pair().Array[0, 5], Pick.From("&", "&", "&", "&&", ";"))
        .Select(static (pairs, separator) => "?" + string.Join(separator, pairs)));

    /// <summary>A method that the gateway serves.</summary>
    public static Gen<string> Method { get; } = Pick.From("GET", "GET", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

    private static Gen<string[]> Segments(int count) => Gen.Frequency(
        (12, Pick.From(_words).SelectMany(Spelled)),
        (1, Pick.From(_oddities)),
        (1, Gen.Byte.Select(static value => $"a%{value:x2}"))).Array[0, count];

    private static Gen<string> Separator() => Gen.Frequency((60, Gen.Const("/")), (1, Gen.Const("//")), (1, Gen.Const("%2F")), (1, Gen.Const("/%2e/")));

    private static Gen<string> Pair() => Gen.Frequency(
        (4, Gen.Select(Pick.From(_keys).SelectMany(Spelled), Pick.From(_values).SelectMany(Spelled)).Select(static (key, value) => $"{key}={value}")),
        (1, Pick.From(_rawPairs)));

    /// <summary>Some characters of <paramref name="text"/> percent-encoded, in either case; what would end the target early always is.</summary>
    private static Gen<string> Spelled(string text) => Gen.Int[0, 15].Array[text.Length].Select(styles => string.Concat(text.Zip(styles, Spell)));

    private static string Spell(char character, int style) => character == '/' ? "/"
        : style == 0 || character is ' ' ? $"%{(int)character:x2}"
        : style == 1 ? $"%{(int)character:X2}"
        : character.ToString();
}
