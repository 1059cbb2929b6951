using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace StorageOperator.Logging;

/// <summary>Lines for people: time, level, message, and only those fields that the message does not already say.</summary>
internal sealed class ConsoleLineFormatter(TimeProvider time) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "lines";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        textWriter.Write(time.GetLocalNow().ToString("HH:mm:ss.fff ", CultureInfo.InvariantCulture));
        textWriter.Write(LogLine.Name(logEntry.LogLevel).ToUpperInvariant().PadRight(6));
        textWriter.Write(message);
        LogLine.VisitFields(logEntry, scopeProvider, (name, value) =>
        {
            var text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            if (!message.Contains(text, StringComparison.Ordinal))
            {
                textWriter.Write($"  {name}={text}");
            }
        });
        textWriter.Write('\n');
        if (logEntry.Exception is { } exception)
        {
            textWriter.Write(exception.ToString());
            textWriter.Write('\n');
        }
    }
}
