using System.Reflection;
using System.Runtime.CompilerServices;
using AwesomeAssertions;
using Fairlead.Kubernetes.Secrets;
using Microsoft.Extensions.Primitives;
using Xunit;

namespace Fairlead.Tests;

/// <summary>Records print all their members. None may print a token that way, whichever log or message it gets into (T73).</summary>
public sealed class PrintedSecretsTests
{
    private const string Sentinel = "SENTINEL";
    private const BindingFlags Fields = BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly;

    private static readonly Type[] _records =
    [
        .. new[] { typeof(Gateway).Assembly, typeof(Secret).Assembly }
            .SelectMany(static assembly => assembly.GetTypes())
            .Where(static type => type is { IsAbstract: false, ContainsGenericParameters: false } && type.GetMethod("PrintMembers", Fields) is not null),
    ];

    public static TheoryData<string> HoldersOfSecrets => [.. _records.Where(Holds).Select(static type => type.FullName!)];

    [Theory]
    [MemberData(nameof(HoldersOfSecrets))]
    public void T73_A_record_that_holds_a_secret_does_not_print_it(string name)
    {
        var record = Fill(_records.Single(type => string.Equals(type.FullName, name, StringComparison.Ordinal)));

        record.ToString().Should().NotContain(Sentinel);
    }

    [Fact]
    public void The_search_finds_the_records_that_are_known_to_hold_one()
    {
        // A search that finds nothing would make the test above hold for nothing.
        _records.Where(Holds).Select(static type => type.Name).Should().Contain(["Identified", "Own", "PassThrough", "ServiceAccount", "ServiceAccountToken", "Inline", "ClientCertificateSource", "ProviderToken"]);
    }

    [Fact]
    public void T73_The_filled_records_do_hold_the_value()
    {
        var plan = (Fairlead.Credentials.CredentialPlan.Own)Fill(typeof(Fairlead.Credentials.CredentialPlan.Own));

        plan.Authorization.Reveal().Should().Be(Sentinel);
    }

    private static bool Holds(Type type) => AllFields(type).Any(static field =>
        field.FieldType == typeof(Secret) || field.FieldType == typeof(StringValues)
        || (_records.Contains(field.FieldType) && field.FieldType != field.DeclaringType && Holds(field.FieldType))
        || _records.Any(record => record.BaseType == field.FieldType && field.FieldType != typeof(object) && record.BaseType != field.DeclaringType && Holds(record)));

    private static object Fill(Type type)
    {
        var instance = RuntimeHelpers.GetUninitializedObject(type);
        foreach (var field in AllFields(type).Where(static field => !field.IsStatic))
        {
            object? value = field.FieldType == typeof(Secret) ? new Secret(Sentinel)
                : field.FieldType == typeof(StringValues) ? new StringValues(Sentinel)
                : field.FieldType == typeof(string) ? "text"
                : Holder(field) is { } record ? Fill(record)
                : null;
            if (value is not null)
            {
                field.SetValue(instance, value);
            }
        }

        return instance;
    }

    private static Type? Holder(FieldInfo field) =>
        _records.FirstOrDefault(record => (record == field.FieldType || (record.BaseType == field.FieldType && field.FieldType != typeof(object))) && Holds(record));

    private static IEnumerable<FieldInfo> AllFields(Type? type)
    {
        for (; type is not null && type != typeof(object) && type != typeof(ValueType); type = type.BaseType)
        {
            foreach (var field in type.GetFields(Fields))
            {
                yield return field;
            }
        }
    }
}
