using Microsoft.Extensions.Logging.Console;

namespace Fairlead.Configuration;

/// <summary>Text on a terminal, JSON otherwise (decision 32).</summary>
internal static class LogSetup
{
    /// <summary>Configures <paramref name="logging"/>.</summary>
    public static void Apply(ILoggingBuilder logging, LogOptions options)
    {
        logging.SetMinimumLevel(options.Level);
        // The framework logs every request, and the forwarder its full URL with exec commands in the query: never below Warning.
        logging.AddFilter("Microsoft", LogLevel.Warning);
        // Where this one may log, the server makes a span for every request, for nobody (Management/Tracing has the gateway's).
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        logging.AddFilter("System", LogLevel.Warning);
        logging.AddFilter("Yarp", LogLevel.Error);
        if (string.Equals(options.Format ?? (Console.IsOutputRedirected ? "json" : "text"), "json", StringComparison.Ordinal))
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
