namespace StorageOperator.Planning.Plans;

/// <summary>How an object stands: what <c>explain</c> says first.</summary>
public enum Verdict
{
    /// <summary>Claim or volume: bound, nothing to do but perhaps repairs.</summary>
    Bound,

    /// <summary>Claim: a volume is chosen, the bind is being written.</summary>
    Binding,

    /// <summary>Claim: gets the default class first.</summary>
    ReceivesDefaultClass,

    /// <summary>Claim: waits for a pod, or for a pod to be scheduled.</summary>
    WaitsForConsumer,

    /// <summary>Claim: waits for its class to be created or put right.</summary>
    WaitsForClass,

    /// <summary>Claim: waits for a provisioner to make its volume.</summary>
    WaitsForProvisioner,

    /// <summary>Claim: no volume fits and nobody makes one.</summary>
    WaitsForVolume,

    /// <summary>Claim: the volume it names does not exist.</summary>
    WaitsForNamedVolume,

    /// <summary>Claim: the volume it names does not suit it, or is another's.</summary>
    NamedVolumeRefused,

    /// <summary>Claim: has lost its volume.</summary>
    Lost,

    /// <summary>Claim or volume: the object itself is wrong.</summary>
    Defective,

    /// <summary>Volume: free.</summary>
    Available,

    /// <summary>Volume: points to a claim that is not bound to it yet.</summary>
    Reserved,

    /// <summary>Volume: its claim is gone.</summary>
    Released,

    /// <summary>Volume: being scrubbed or deleted.</summary>
    Reclaiming,

    /// <summary>Volume: reclaiming failed.</summary>
    Failed,

    /// <summary>Either: something must be read from the API server before a decision.</summary>
    NeedsProof,
}
