namespace Fairlead.State;

/// <summary><c>stateDir</c> cannot be used. What was to be kept and cannot be is no reason to go on without.</summary>
/// <param name="message">Why, and how to mend it.</param>
/// <param name="inner">What happened; null for nothing.</param>
internal sealed class StateFolderException(string message, Exception? inner = null) : Exception(message, inner);
