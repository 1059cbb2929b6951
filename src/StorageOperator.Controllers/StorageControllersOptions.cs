namespace StorageOperator.Controllers;

/// <summary>What an administrator can choose about the controllers.</summary>
public sealed record StorageControllersOptions
{
    /// <summary>Who binds claims in this cluster.</summary>
    public BindingMode Binding { get; init; } = BindingMode.Own;

    /// <summary>Whether claims are handed to provisioners at all.</summary>
    public bool EnableDynamicProvisioning { get; init; } = true;

    /// <summary>Whether hostPath volumes with policy Delete are deleted on the machine this program runs on.</summary>
    public bool DeleteHostPaths { get; init; } = true;

    /// <summary>The image of the pods that scrub volumes; it needs a shell, find, ls and test.</summary>
    public string ScrubberImage { get; init; } = "registry.k8s.io/build-image/debian-base:bookworm-v1.0.6";
}
