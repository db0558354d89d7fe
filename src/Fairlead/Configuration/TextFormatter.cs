using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Fairlead.Configuration;

/// <summary>
/// One line of text per entry, in the form of the framework's own. That one prints as they are the bytes that an upstream, a Service or a client put into a
/// message, and a terminal obeys them; here nothing but text is left of them.
/// </summary>
internal sealed class TextFormatter(TimeProvider time) : ConsoleFormatter(FormatterName)
{
    /// <summary>Its name among the formatters.</summary>
    public const string FormatterName = "fairlead-text";

    /// <summary>When an entry was made, in UTC.</summary>
    public const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";

    /// <inheritdoc/>
    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var at = time.GetUtcNow().ToString(TimeFormat, CultureInfo.InvariantCulture);
        var exception = logEntry.Exception is { } thrown ? $" {thrown}" : "";
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"{at}{Level(logEntry.LogLevel)}: {logEntry.Category}[{logEntry.EventId.Id}] {logEntry.Formatter(logEntry.State, logEntry.Exception)}{exception}");
        textWriter.WriteLine(Plain(line));
    }

    /// <summary>The text with a blank for each line break and a question mark for every other character that is none.</summary>
    public static string Plain(string text) => string.Create(text.Length, text, static (plain, given) =>
    {
        for (var i = 0; i < given.Length; i++)
        {
            plain[i] = given[i] switch
            {
                '\r' or '\n' or '\t' or '\u2028' or '\u2029' => ' ',
                var c when char.IsControl(c) => '?',
                var c => c,
            };
        }
    });

    private static string Level(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce",
        LogLevel.Debug => "dbug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "fail",
        _ => "crit",
    };
}
