namespace StorageOperator.Simulation.Cluster;

/// <summary>Why the API server did not do what it was asked.</summary>
internal enum Refusal
{
    None,
    NotFound,
    AlreadyExists,

    /// <summary>The object is at another version, or is another object of the same name.</summary>
    Conflict,

    /// <summary>Validation says no (422).</summary>
    Invalid,

    /// <summary>Admission says no (403).</summary>
    Forbidden,
}

/// <summary>The API server's answer to one request: the object as it is now (or last was, when the request removed it), or a refusal.</summary>
internal readonly record struct Answer<T>(T? Entry, Refusal Refusal, string Why = "")
    where T : class
{
    public bool Succeeded => Refusal == Refusal.None;

    public static Answer<T> Of(T entry) => new(entry, Refusal.None);

    public static Answer<T> No(Refusal refusal, string why = "") => new(null, refusal, why);
}
