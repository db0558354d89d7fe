namespace Fairlead.Cli;

/// <summary>Why a command cannot do what it was asked for, in words for the person: what is wrong, and how to mend it.</summary>
/// <param name="message">The words. They hold no token; what others wrote went through <see cref="Printable"/>.</param>
/// <param name="inner">What caused it; null for nothing else.</param>
internal class CommandFailure(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Somebody cannot be asked now; the same may work later.</summary>
/// <param name="message">The words.</param>
/// <param name="inner">What caused it; null for nothing else.</param>
internal sealed class UnreachableFailure(string message, Exception? inner = null) : CommandFailure(message, inner);
