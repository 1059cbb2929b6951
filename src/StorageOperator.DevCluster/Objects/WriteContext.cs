namespace StorageOperator.DevCluster.Objects;

/// <summary>Who writes and how: what every write on behalf of one request shares.</summary>
internal sealed class WriteContext
{
    private readonly List<string> _warnings = [];
    private bool _isInternal;

    /// <summary>Writes of the server's own controllers.</summary>
    public static WriteContext Internal(string manager) => new() { FieldManager = manager, _isInternal = true };

    /// <summary>The manager that metadata.managedFields will name.</summary>
    public required string FieldManager { get; init; }

    /// <summary>Whether nothing is stored.</summary>
    public bool DryRun { get; init; }

    /// <summary>What becomes of unknown and repeated fields.</summary>
    public FieldValidation Validation { get; init; } = FieldValidation.Warn;

    /// <summary>Fields that the client's text had twice.</summary>
    public IReadOnlyList<string> DuplicateFields { get; init; } = [];

    /// <summary>Whether the new state comes from a patch (but no apply) of the stored one.</summary>
    public bool IsPatch { get; init; }

    /// <summary>Whether the write is a server-side apply, which keeps account of managed fields itself.</summary>
    public bool IsApply { get; init; }

    /// <summary>What the answer shall warn of.</summary>
    public IReadOnlyCollection<string> Warnings => _warnings;

    /// <summary>Adds warnings; each is told once, and nobody is told of the server's own writes.</summary>
    public void Warn(IEnumerable<string> warnings)
    {
        foreach (string warning in _isInternal ? [] : warnings.Except(_warnings).ToList())
        {
            _warnings.Add(warning);
        }
    }
}

/// <summary>What becomes of fields that the schema does not know.</summary>
internal enum FieldValidation
{
    /// <summary>Dropped silently.</summary>
    Ignore,

    /// <summary>Dropped, with a warning each.</summary>
    Warn,

    /// <summary>The request is refused.</summary>
    Strict,
}
