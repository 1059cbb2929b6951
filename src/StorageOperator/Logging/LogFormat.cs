namespace StorageOperator.Logging;

/// <summary>How a log line looks.</summary>
internal enum LogFormat
{
    /// <summary>One JSON object a line, for machines.</summary>
    Json,

    /// <summary>Time, level, message and fields on one line, for people.</summary>
    Console,
}
