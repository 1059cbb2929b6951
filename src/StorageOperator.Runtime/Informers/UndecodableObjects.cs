using Microsoft.Extensions.Logging;
using StorageOperator.Model;
using StorageOperator.Runtime.Api;
using StorageOperator.Runtime.Telemetry;

namespace StorageOperator.Runtime.Informers;

/// <summary>Reports objects that a decoder could not take: each version once in the log, always in the metric.</summary>
internal sealed partial class UndecodableObjects(string kind, RuntimeMetrics metrics, ILogger logger)
{
    /// <summary>How many versions are remembered; beyond that, one may be logged again.</summary>
    private const int Remembered = 1024;

    private readonly HashSet<(ObjectKey Key, ulong Version)> _reported = [];

    /// <summary>Reports an object and tells which it is.</summary>
    /// <exception cref="System.Text.Json.JsonException">The bytes are no whole JSON object: the fault is not the decoder's.</exception>
    public ObjectIdentity Report(ReadOnlySpan<byte> item, Exception error)
    {
        var identity = ObjectIdentity.Read(item);
        metrics.Undecodable(kind);
        if (_reported.Count >= Remembered)
        {
            _reported.Clear();
        }

        if (_reported.Add((identity.Key, identity.ResourceVersion)))
        {
            LogUndecodable(logger, kind, identity.Key, identity.ResourceVersion, error.Message);
        }

        return identity;
    }

    [LoggerMessage(EventId = 210, Level = LogLevel.Error,
        Message = "Skipped a {Kind} that could not be understood, its last good version stays in use: {Key} at version {Version}: {Error}")]
    private static partial void LogUndecodable(ILogger logger, string kind, ObjectKey key, ulong version, string error);
}
