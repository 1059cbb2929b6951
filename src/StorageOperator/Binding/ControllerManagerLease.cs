namespace StorageOperator.Binding;

/// <summary>The Lease by which kube-controller-manager elects its leader.</summary>
/// <param name="Holder">The identity of the leader; empty when released.</param>
/// <param name="RenewTime">When the leader last renewed, by its own clock; null if never.</param>
/// <param name="Version">The object's version, which changes with every renewal.</param>
internal sealed record ControllerManagerLease(string Holder, DateTimeOffset? RenewTime, string Version);
