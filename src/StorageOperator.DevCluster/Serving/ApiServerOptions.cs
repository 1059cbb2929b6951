namespace StorageOperator.DevCluster.Serving;

/// <summary>How an <see cref="ApiServer"/> runs.</summary>
public sealed class ApiServerOptions
{
    /// <summary>Where <c>kubeconfig</c> is written; made when missing.</summary>
    public required string Directory { get; init; }

    /// <summary>Port on 127.0.0.1; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Where objects are kept across restarts; null keeps them in memory only.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>A file of further users in kube-apiserver's format (token,user,uid,"groups"); they may do everything too.</summary>
    public string? TokenFile { get; init; }

    /// <summary>How many nodes the stand-in for scheduler and kubelet simulates; 0 switches it off.</summary>
    public int SimulatedNodes { get; init; }

    /// <summary>A file with fault rules that are in force from the start, as <c>POST /devcluster/faults</c> takes them.</summary>
    public string? FaultFile { get; init; }

    /// <summary>How many events each resource remembers for watches and lists from an older version, at least 1.</summary>
    public int HistoryLength { get; init; } = 16_384;

    /// <summary>How often a watch that asked for bookmarks gets one.</summary>
    public TimeSpan BookmarkInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The clock behind timestamps, watch timeouts and bookmarks.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
