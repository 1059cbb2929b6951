using System.Text.Json;

namespace StorageOperator.Runtime.Api;

/// <summary>
/// Decodes one API object. The reader stands on the object's <see cref="JsonTokenType.StartObject"/>, always reads one contiguous span
/// (so <see cref="Utf8JsonReader.ValueSpan"/> is never split), and is left on the matching <see cref="JsonTokenType.EndObject"/>.
/// </summary>
/// <returns>The entry, or null for an object that is of no interest: it is not stored, and a stored one that becomes null counts as
/// deleted.</returns>
/// <remarks>
/// What it throws is taken as a fault of this one object: logged with its key, the last good version stays, the others go on.
/// </remarks>
public delegate TEntry? EntryDecoder<TEntry>(ref Utf8JsonReader reader)
    where TEntry : class;
