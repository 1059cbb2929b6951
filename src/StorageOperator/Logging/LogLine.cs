using Microsoft.Extensions.Logging.Abstractions;

namespace StorageOperator.Logging;

/// <summary>What both formats share: the fields of a line, from the message's placeholders and the scopes around it.</summary>
internal static class LogLine
{
    private const string MessageTemplate = "{OriginalFormat}";

    /// <summary>The lower-case name of a level, as Go programs write it.</summary>
    public static string Name(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        _ => "error",
    };

    /// <summary>Hands every field with a value to <paramref name="take"/>; a field of the message hides one of the same name in a scope.</summary>
    public static void VisitFields<TState>(in LogEntry<TState> entry, IExternalScopeProvider? scopes, Action<string, object> take)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        Visit(entry.State, seen, take);
        scopes?.ForEachScope((scope, _) => Visit(scope, seen, take), (object?)null);
    }

    private static void Visit(object? state, HashSet<string> seen, Action<string, object> take)
    {
        if (state is not IEnumerable<KeyValuePair<string, object?>> fields)
        {
            return;
        }

        foreach (var (name, value) in fields)
        {
            if (value is not null && name != MessageTemplate && seen.Add(name))
            {
                take(CamelCase(name), value);
            }
        }
    }

    private static string CamelCase(string name) =>
        char.IsUpper(name[0]) ? string.Concat(char.ToLowerInvariant(name[0]).ToString(), name.AsSpan(1)) : name;
}
