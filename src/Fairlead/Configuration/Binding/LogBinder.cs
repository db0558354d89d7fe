namespace Fairlead.Configuration.Binding;

/// <summary><c>log</c>.</summary>
internal static class LogBinder
{
    public static LogOptions Bind(Section root)
    {
        var defaults = new LogOptions();
        if (root.Child("log") is not { } log)
        {
            return defaults;
        }

        var level = log.Text("level");
        var options = new LogOptions
        {
            Level = level is null ? defaults.Level : Level(level) ?? Unknown(log),
            Format = log.Choice("format", "text", "json"),
        };
        log.Close();
        return options;
    }

    private static LogLevel? Level(string text) => text.ToUpperInvariant() switch
    {
        "TRACE" => LogLevel.Trace,
        "DEBUG" => LogLevel.Debug,
        "INFORMATION" or "INFO" => LogLevel.Information,
        "WARNING" or "WARN" => LogLevel.Warning,
        "ERROR" => LogLevel.Error,
        "CRITICAL" => LogLevel.Critical,
        "NONE" => LogLevel.None,
        _ => null,
    };

    private static LogLevel Unknown(Section log)
    {
        log.Error("level", "has to be one of trace, debug, information, warning, error, critical, none");
        return LogLevel.Information;
    }
}
