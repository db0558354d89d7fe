using Microsoft.Extensions.Logging.Console;

namespace Fairlead.Configuration;

/// <summary>Text on a terminal, JSON otherwise (decision 32).</summary>
internal static class LogSetup
{
    /// <summary>Configures <paramref name="logging"/>.</summary>
    /// <param name="logging">What to configure.</param>
    /// <param name="options">How.</param>
    /// <param name="toStandardError">Whether standard output is somebody else's: the audit trail's.</param>
    public static void Apply(ILoggingBuilder logging, LogOptions options, bool toStandardError)
    {
        logging.SetMinimumLevel(options.Level);
        // The framework logs every request, and the forwarder its full URL with exec commands in the query: never below Warning.
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("System", LogLevel.Warning);
        logging.AddFilter("Yarp", LogLevel.Error);
        if (toStandardError)
        {
            logging.Services.Configure<ConsoleLoggerOptions>(static console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        }

        if (string.Equals(options.Format ?? ((toStandardError ? Console.IsErrorRedirected : Console.IsOutputRedirected) ? "json" : "text"), "json", StringComparison.Ordinal))
        {
            logging.AddJsonConsole(static console =>
            {
                console.TimestampFormat = TextFormatter.TimeFormat;
                console.UseUtcTimestamp = true;
            });
        }
        else
        {
            logging.AddConsole(static console => console.FormatterName = TextFormatter.FormatterName);
            logging.Services.AddSingleton<ConsoleFormatter, TextFormatter>();
        }
    }
}
