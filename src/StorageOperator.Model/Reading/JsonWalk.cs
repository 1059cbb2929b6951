using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace StorageOperator.Model.Reading;

/// <summary>
/// Steps of a forward walk over one API object. Every step leaves the reader on the last token of what it read, and a value of an
/// unexpected type is passed over: what the API server once accepted must never stop the reading of everything else.
/// </summary>
internal static class JsonWalk
{
    /// <summary>Enters the value of the current property; false (and past it) when it is no object.</summary>
    public static bool EnterObject(ref Utf8JsonReader reader) => Enter(ref reader, JsonTokenType.StartObject);

    /// <summary>Enters the value of the current property; false (and past it) when it is no array.</summary>
    public static bool EnterArray(ref Utf8JsonReader reader) => Enter(ref reader, JsonTokenType.StartArray);

    /// <summary>Passes over the value of the current property; whether it was an object.</summary>
    public static bool PassObject(ref Utf8JsonReader reader)
    {
        reader.Skip();
        return reader.TokenType == JsonTokenType.EndObject;
    }

    /// <summary>Moves to the next property of the object that was entered; false at its end.</summary>
    public static bool NextProperty(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    /// <summary>Moves to the next element of the array that was entered; false at its end.</summary>
    public static bool NextElement(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType != JsonTokenType.EndArray;

    /// <summary>The value of the current property as text; numbers as written; empty for anything that has no text.</summary>
    public static string Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        return CurrentText(ref reader);
    }

    /// <summary>The current element as text, as <see cref="Text"/>.</summary>
    public static string CurrentText(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String or JsonTokenType.Number:
                return TokenText(ref reader);
            default:
                reader.Skip();
                return "";
        }
    }

    /// <summary>The name of the current property.</summary>
    public static string Name(ref Utf8JsonReader reader) => TokenText(ref reader);

    /// <summary>Whether the current property has this name, which must be plain ASCII.</summary>
    public static bool Is(ref Utf8JsonReader reader, ReadOnlySpan<byte> name) =>
        reader.ValueIsEscaped ? Ascii.Equals(name, TokenText(ref reader)) : reader.ValueTextEquals(name);

    /// <summary>The value of the current property as a truth value; false for anything else.</summary>
    public static bool Flag(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
        return reader.TokenType == JsonTokenType.True;
    }

    /// <summary>The value of the current property as a whole number; null for anything else.</summary>
    public static long? Number(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number))
        {
            return number;
        }

        reader.Skip();
        return null;
    }

    /// <summary>The value of the current property as a list of texts.</summary>
    public static ImmutableArray<string> Texts(ref Utf8JsonReader reader)
    {
        if (!EnterArray(ref reader))
        {
            return [];
        }

        var texts = ImmutableArray.CreateBuilder<string>();
        while (NextElement(ref reader))
        {
            texts.Add(CurrentText(ref reader));
        }

        return texts.DrainToImmutable();
    }

    /// <summary>The value of the current property as a map of texts.</summary>
    public static KeyValueSet Map(ref Utf8JsonReader reader, bool relevantOnly = false)
    {
        if (!EnterObject(ref reader))
        {
            return KeyValueSet.Empty;
        }

        List<KeyValuePair<string, string>>? pairs = null;
        while (NextProperty(ref reader))
        {
            if (relevantOnly && !IsRelevant(ref reader))
            {
                reader.Skip();
                continue;
            }

            var name = Name(ref reader);
            (pairs ??= []).Add(new(name, Text(ref reader)));
        }

        return pairs is null ? KeyValueSet.Empty : KeyValueSet.From(pairs);
    }

    private static bool IsRelevant(ref Utf8JsonReader reader) => reader.HasValueSequence || reader.ValueIsEscaped
        ? WellKnown.IsRelevantAnnotation(Encoding.UTF8.GetBytes(TokenText(ref reader)))
        : WellKnown.IsRelevantAnnotation(reader.ValueSpan);

    // A token lies in one piece, except where it crosses from one segment of the input to the next.
    private static string TokenText(ref Utf8JsonReader reader)
    {
        if (reader.ValueIsEscaped)
        {
            return Unescaped(ref reader);
        }

        return reader.HasValueSequence ? Encoding.UTF8.GetString(reader.ValueSequence) : Utf8Interner.Get(reader.ValueSpan);
    }

    private static string Unescaped(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, or bytes that are no UTF-8: JSON's grammar lets them pass, but they are no text.
            return "";
        }
    }

    private static bool Enter(ref Utf8JsonReader reader, JsonTokenType start)
    {
        reader.Read();
        if (reader.TokenType == start)
        {
            return true;
        }

        reader.Skip();
        return false;
    }
}
