using Microsoft.Extensions.Logging;

namespace StorageOperator.Runtime.Informers;

/// <content>What an informer logs.</content>
internal sealed partial class Informer<TEntry>
{
    [LoggerMessage(EventId = 200, Level = LogLevel.Information, Message = "Listed {Count} objects of kind {Kind} at version {Version}")]
    private static partial void LogListed(ILogger logger, string kind, int count, ulong version);

    [LoggerMessage(EventId = 201, Level = LogLevel.Debug, Message = "The server has no streaming lists, {Kind} is listed in pages: {Why}")]
    private static partial void LogListsInstead(ILogger logger, string kind, string why);

    [LoggerMessage(EventId = 202, Level = LogLevel.Information, Message = "The server no longer has the changes of {Kind} since version {Version}, listing again")]
    private static partial void LogGone(ILogger logger, string kind, ulong version);

    [LoggerMessage(EventId = 203, Level = LogLevel.Warning, Message = "Failed to watch {Kind}, trying again: {Error}")]
    private static partial void LogFailed(ILogger logger, string kind, string error);
}
