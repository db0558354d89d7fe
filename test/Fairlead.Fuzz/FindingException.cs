namespace Fairlead.Fuzz;

/// <summary>Something that has to hold for every input does not.</summary>
/// <param name="message">What.</param>
internal sealed class FindingException(string message) : Exception(message);
