using StorageOperator.Binding;
using StorageOperator.Runtime.Hosting;

namespace StorageOperator.Diagnostics;

/// <summary>What the program knows of itself, for the probes: filled as it starts, read at any time from any thread.</summary>
internal sealed class OperatorState
{
    private volatile BindingDecision? _binding;
    private volatile IOperatorStatus? _operator;

    /// <summary>Who binds, once that is decided.</summary>
    public BindingDecision? Binding
    {
        get => _binding;
        set => _binding = value;
    }

    /// <summary>Caches and leadership, once the operator is composed.</summary>
    public IOperatorStatus? Operator
    {
        get => _operator;
        set => _operator = value;
    }

    /// <summary>Ready is who could act at once: a standby is ready too, so that a rolling update goes on.</summary>
    public bool IsReady => Binding is not null && CachesSynced;

    private bool CachesSynced => Operator is { Synced: true };

    public IEnumerable<HealthCheck> Checks()
    {
        yield return new("ping", true, "the process answers");
        yield return Binding is { } binding
            ? new("binding", true, $"{binding.ModeName}, because {binding.Reason}")
            : new("binding", false, "still looking whether somebody else binds");
        yield return new("caches", CachesSynced, CachesSynced ? "all synced" : "the first lists are not complete yet");
    }
}
