namespace Fairlead.Kubernetes.Documents;

/// <summary>What reading a document gave.</summary>
/// <param name="Root">The document; null when it is empty or cannot be read.</param>
/// <param name="Errors">Everything that is wrong with its form. A document with errors must not be used.</param>
public sealed record DocumentResult(DocumentNode? Root, IReadOnlyList<DocumentError> Errors);

/// <summary>One fault in a document's form.</summary>
/// <param name="Path">The key concerned, as <c>a.b[0].c</c>; empty when the whole document is meant.</param>
/// <param name="Message">What is wrong; never holds a value of the document.</param>
/// <param name="Origin">Where.</param>
public sealed record DocumentError(string Path, string Message, TextOrigin Origin);
