using Microsoft.Extensions.Logging.Console;
using StorageOperator.CommandLine;

namespace StorageOperator.Logging;

/// <summary>Where log lines go: to standard error, as Kubernetes' own programs write them.</summary>
internal static class LogOutput
{
    public static ILoggerFactory Create(OperatorOptions options, TimeProvider time) => LoggerFactory.Create(logging =>
    {
        logging.SetMinimumLevel(options.LogLevel);
        // What the web server and the client library have to say is of interest only when it goes wrong, or to who debugs.
        logging.AddFilter((category, level) => Foreign(category) ? level >= Later(options.LogLevel) : level >= options.LogLevel);
        logging.Services.AddSingleton<ConsoleFormatter>(new JsonLineFormatter(time));
        logging.Services.AddSingleton<ConsoleFormatter>(new ConsoleLineFormatter(time));
        logging.AddConsole(console =>
        {
            console.FormatterName = options.LogFormat == LogFormat.Json ? JsonLineFormatter.FormatterName : ConsoleLineFormatter.FormatterName;
            console.LogToStandardErrorThreshold = LogLevel.Trace;
        });
    });

    private static bool Foreign(string? category) => category is not null && !category.StartsWith("StorageOperator", StringComparison.Ordinal);

    private static LogLevel Later(LogLevel chosen) => chosen <= LogLevel.Debug ? chosen : (LogLevel)Math.Max((int)chosen, (int)LogLevel.Warning);
}
