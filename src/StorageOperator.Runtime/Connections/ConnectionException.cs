namespace StorageOperator.Runtime.Connections;

/// <summary>
/// The API server cannot be reached with what was given. The message is one line that says which file or field is wrong and how to mend it.
/// </summary>
public sealed class ConnectionException(string message, Exception? inner = null) : Exception(message, inner);
