using System.Text;
using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Validation;

/// <summary>
/// Event, in both of its groups: events.k8s.io/v1 is strict, core/v1 only where an eventTime makes it a new-style event.
/// Source: kubernetes pkg/apis/core/validation/events.go.
/// </summary>
public sealed class EventStrategy : ResourceStrategy
{
    private const int ShortText = 128;
    private const int LongText = 1024;

    private readonly bool _strict;
    private readonly string _about;
    private readonly string _text;
    private readonly string _controller;
    private readonly string _source;
    private readonly string _first;
    private readonly string _last;
    private readonly string _count;

    private EventStrategy(bool strict, string about, string text, string controller, string source, string first, string last,
        string count) =>
        (_strict, _about, _text, _controller, _source, _first, _last, _count) = (strict, about, text, controller, source, first, last,
            count);

    /// <summary>core/v1.</summary>
    public static EventStrategy Core { get; } = new(
        strict: false, "involvedObject", "message", "reportingComponent", "source", "firstTimestamp", "lastTimestamp", "count");

    /// <summary>events.k8s.io/v1.</summary>
    public static EventStrategy Events { get; } = new(
        strict: true, "regarding", "note", "reportingController", "deprecatedSource", "deprecatedFirstTimestamp", "deprecatedLastTimestamp",
            "deprecatedCount");

    /// <inheritdoc/>
    public override bool Namespaced => true;

    /// <inheritdoc/>
    public override bool CreatesOnUpdate => true;

    /// <inheritdoc/>
    protected override IReadOnlyList<string> NameRule(string name) => _strict ? ObjectNames.Subdomain(name) : ObjectNames.PathSegment(name);

    /// <inheritdoc/>
    protected override void Default(JsonObject decoded)
    {
        ArgumentNullException.ThrowIfNull(decoded);
        decoded.Ensure(_about);
        decoded.Ensure(_source);
        foreach (var time in new[] { _first, _last, "eventTime" })
        {
            decoded.TryAdd(time, null);
        }

        if (!_strict)
        {
            decoded.Default(_controller, "");
            decoded.Default("reportingInstance", "");
        }
    }

    /// <inheritdoc/>
    protected override void PrepareForUpdate(JsonObject updated, JsonObject existing)
    {
    }

    /// <inheritdoc/>
    protected override void Validate(JsonObject created, FieldErrors errors)
    {
        ValidateAnyVersion(created, errors);
        if (!_strict)
        {
            return;
        }

        ValidateSeries(created, errors);
        if (!created.Has("eventTime"))
        {
            errors.Required("eventTime");
        }

        if (created.Text("type") is not ("Normal" or "Warning"))
        {
            errors.Invalid("type", "", $"has invalid value: {created.Text("type")}");
        }

        Unset(created.Has(_first), "firstTimestamp", errors);
        Unset(created.Has(_last), "lastTimestamp", errors);
        Unset(created.Number(_count) is > 0, "count", errors);
        Unset(created.Object(_source) is { Count: > 0 }, "source", errors);
    }

    /// <inheritdoc/>
    protected override void ValidateUpdate(JsonObject updated, JsonObject existing, FieldErrors errors)
    {
        ValidateAnyVersion(updated, errors);
        if (!_strict)
        {
            return;
        }

        if (!JsonReading.Same(updated["series"], existing["series"]))
        {
            ValidateSeries(updated, errors);
        }

        var immutable = new (string Field, string Reported)[]
        {
            (_about, "involvedObject"), ("reason", "reason"), (_text, "message"), (_source, "source"), (_first, "firstTimestamp"),
            (_last, "lastTimestamp"), (_count, "count"), ("type", "type"), ("eventTime", "eventTime"), ("action", "action"),
            ("related", "related"), (_controller, "reportingController"), ("reportingInstance", "reportingInstance"),
        };
        foreach (var (field, reported) in immutable)
        {
            ObjectMetaRules.Immutable(updated[field], existing[field], reported, errors);
        }
    }

    private void ValidateAnyVersion(JsonObject occurred, FieldErrors errors)
    {
        var space = occurred.Metadata().Text("namespace") ?? "";
        var about = occurred.Object(_about).Text("namespace") ?? "";
        if (occurred.Has("eventTime"))
        {
            if (about.Length == 0 && space is not ("default" or "kube-system"))
            {
                errors.Invalid("involvedObject.namespace", about, "does not match event.namespace");
            }

            ValidateNewStyle(occurred, errors);
        }
        else if (about.Length == 0 ? space is not ("" or "default") : space != about)
        {
            errors.Invalid("involvedObject.namespace", about, "does not match event.namespace");
        }

        errors.Invalid("namespace", space, ObjectNames.Subdomain(space));
    }

    private void ValidateNewStyle(JsonObject occurred, FieldErrors errors)
    {
        var controller = occurred.Text(_controller) ?? "";
        if (controller.Length == 0)
        {
            errors.Required(_controller);
        }

        errors.Invalid(_controller, controller, ObjectNames.QualifiedName(controller));
        foreach (var field in new[] { "reportingInstance", "action", "reason" })
        {
            if (string.IsNullOrEmpty(occurred.Text(field)))
            {
                errors.Required(field);
            }

            AtMost(occurred.Text(field), ShortText, field, errors);
        }

        AtMost(occurred.Text(_text), LongText, "message", errors);
    }

    private static void ValidateSeries(JsonObject occurred, FieldErrors errors)
    {
        if (occurred.Object("series") is not { } series)
        {
            return;
        }

        if ((series.Number("count") ?? 0) < 2)
        {
            errors.Invalid("series.count", "", "should be at least 2");
        }

        if (!series.Has("lastObservedTime"))
        {
            errors.Required("series.lastObservedTime");
        }
    }

    private static void AtMost(string? text, int maximum, string field, FieldErrors errors)
    {
        if (Encoding.UTF8.GetByteCount(text ?? "") > maximum)
        {
            errors.Invalid(field, "", $"can have at most {maximum} characters");
        }
    }

    private static void Unset(bool isSet, string field, FieldErrors errors)
    {
        if (isSet)
        {
            errors.Invalid(field, "", "needs to be unset");
        }
    }
}
