namespace Fairlead.Kubernetes.Resources;

/// <summary>The part of <c>metav1.ObjectMeta</c> that is kept in memory.</summary>
/// <param name="Name">The name.</param>
/// <param name="Namespace">The namespace; empty at cluster scope.</param>
/// <param name="Uid">The unique id: an object deleted and made again has another.</param>
/// <param name="ResourceVersion">The version of this state.</param>
/// <param name="Labels">The labels; null for none.</param>
/// <param name="Annotations">The annotations; null for none.</param>
public sealed record ObjectMeta(
    string Name = "",
    string Namespace = "",
    string Uid = "",
    string ResourceVersion = "",
    IReadOnlyDictionary<string, string>? Labels = null,
    IReadOnlyDictionary<string, string>? Annotations = null);

/// <summary>An object of an API server, with what of it is kept in memory.</summary>
public interface IApiObject
{
    /// <summary>The metadata.</summary>
    ObjectMeta Metadata { get; }
}

/// <summary>A list as API servers answer it.</summary>
/// <typeparam name="T">The kind of its items.</typeparam>
/// <param name="Metadata">The version of the whole list, and where its next page begins.</param>
/// <param name="Items">The items; null for none.</param>
public sealed record ApiList<T>(ListMeta Metadata, IReadOnlyList<T>? Items = null);

/// <summary><c>metav1.ListMeta</c>.</summary>
/// <param name="ResourceVersion">The version from which a watch goes on.</param>
/// <param name="Continue">The token of the next page; empty on the last.</param>
public sealed record ListMeta(string ResourceVersion = "", string Continue = "");
