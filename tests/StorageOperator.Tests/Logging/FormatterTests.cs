using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Time.Testing;
using StorageOperator.Logging;

namespace StorageOperator.Tests.Logging;

public sealed class FormatterTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.Parse("2026-01-01T12:00:00.25Z", CultureInfo.InvariantCulture));
    private readonly LoggerExternalScopeProvider _scopes = new();

    [Fact]
    public void A_json_line_carries_time_level_message_and_fields()
    {
        using var scope = _scopes.Push(new Dictionary<string, object?> { ["controller"] = "claim", ["Count"] = 99 });

        var line = Write(new JsonLineFormatter(_time), LogLevel.Warning, null, ("Claim", "default/x"), ("Count", 3), ("{OriginalFormat}", "template"), ("Nothing", null));

        var json = JsonDocument.Parse(line).RootElement;
        Assert.Equal(
            """{"time":"2026-01-01T12:00:00.250000Z","level":"warn","logger":"StorageOperator.X","message":"Bound \"it\"","claim":"default/x","count":3,"controller":"claim"}""",
            line.TrimEnd('\n'));
        Assert.Equal(JsonValueKind.Object, json.ValueKind);
        Assert.EndsWith("}\n", line, StringComparison.Ordinal);
    }

    [Fact]
    public void An_exception_is_told_in_short_and_in_full_on_the_same_line()
    {
        var line = Write(new JsonLineFormatter(_time), LogLevel.Error, new InvalidOperationException("first\nsecond"));

        var json = JsonDocument.Parse(line).RootElement;
        Assert.Equal("first\nsecond", json.GetProperty("error").GetString());
        Assert.Contains(nameof(InvalidOperationException), json.GetProperty("stack").GetString(), StringComparison.Ordinal);
        Assert.Single(line, '\n');
    }

    [Fact]
    public void A_console_line_leaves_out_what_the_message_says()
    {
        var line = Write(new ConsoleLineFormatter(_time), LogLevel.Information, null, ("Claim", "it"), ("volume", "pv-1"));

        Assert.EndsWith("INFO  Bound \"it\"  volume=pv-1\n", line, StringComparison.Ordinal);
    }

    private string Write(ConsoleFormatter formatter, LogLevel level, Exception? exception, params (string Key, object? Value)[] fields)
    {
        var state = fields.Select(field => KeyValuePair.Create(field.Key, field.Value)).ToArray();
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        formatter.Write(
            new LogEntry<KeyValuePair<string, object?>[]>(level, "StorageOperator.X", default, state, exception, (_, _) => "Bound \"it\""), _scopes, output);
        return output.ToString();
    }
}
