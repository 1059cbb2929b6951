namespace StorageOperator.Model;

/// <summary>Annotations, finalizers and names that Kubernetes' storage components agree on (component-helpers/storage/volume).</summary>
public static class WellKnown
{
    /// <summary>On a claim: binding is finished. The scheduler waits for it.</summary>
    public const string BindCompleted = "pv.kubernetes.io/bind-completed";

    /// <summary>On either side: this half of the bond was chosen by a controller, not by a user, and may be undone by one.</summary>
    public const string BoundByController = "pv.kubernetes.io/bound-by-controller";

    /// <summary>On a volume: the provisioner that made it.</summary>
    public const string ProvisionedBy = "pv.kubernetes.io/provisioned-by";

    /// <summary>On either side: the CSI driver that took over from an in-tree plugin.</summary>
    public const string MigratedTo = "pv.kubernetes.io/migrated-to";

    /// <summary>On a claim: who shall provision.</summary>
    public const string StorageProvisioner = "volume.kubernetes.io/storage-provisioner";

    /// <summary>The same under its older name; both are written.</summary>
    public const string BetaStorageProvisioner = "volume.beta.kubernetes.io/storage-provisioner";

    /// <summary>On a claim: the node that the scheduler chose for its first consumer.</summary>
    public const string SelectedNode = "volume.kubernetes.io/selected-node";

    /// <summary>On a claim: who shall resize, for volumes migrated to CSI.</summary>
    public const string StorageResizer = "volume.kubernetes.io/storage-resizer";

    /// <summary>On either side: the class, in place of spec.storageClassName.</summary>
    public const string BetaStorageClass = "volume.beta.kubernetes.io/storage-class";

    /// <summary>On a volume: its capacity before an expansion whose file system part is still to come.</summary>
    public const string PreResizeCapacity = "volume.alpha.kubernetes.io/pre-resize-capacity";

    /// <summary>On a class: it is the default.</summary>
    public const string DefaultClass = "storageclass.kubernetes.io/is-default-class";

    /// <summary>The same under its older name.</summary>
    public const string BetaDefaultClass = "storageclass.beta.kubernetes.io/is-default-class";

    /// <summary>The value that Kubernetes writes into marker annotations; only their presence counts.</summary>
    public const string Yes = "yes";

    /// <summary>Finalizer of a claim that may be in use.</summary>
    public const string ClaimProtection = "kubernetes.io/pvc-protection";

    /// <summary>Finalizer of a volume that may be bound.</summary>
    public const string VolumeProtection = "kubernetes.io/pv-protection";

    /// <summary>Finalizer of a provisioned volume whose bytes the controller itself deletes.</summary>
    public const string ControllerDeletion = "kubernetes.io/pv-controller";

    /// <summary>Finalizer of a provisioned volume whose bytes an external provisioner deletes.</summary>
    public const string ExternalDeletion = "external-provisioner.volume.kubernetes.io/finalizer";

    /// <summary>The provisioner of classes that only group static volumes.</summary>
    public const string NoProvisioner = "kubernetes.io/no-provisioner";

    /// <summary>Prefix of provisioners that live inside the controller itself.</summary>
    public const string InTreePrefix = "kubernetes.io/";

    /// <summary>Name prefix of the pods that scrub a volume for reuse; the volume's name follows.</summary>
    public const string RecyclerPodPrefix = "recycler-for-";

    /// <summary>Where recycler pods run.</summary>
    public const string RecyclerNamespace = "default";

    /// <summary>Whether an annotation is one this program decides by; all others are left out of entries.</summary>
    public static bool IsRelevantAnnotation(ReadOnlySpan<byte> key) =>
        key.StartsWith("pv.kubernetes.io/"u8)
        || key.StartsWith("volume.kubernetes.io/"u8)
        || key.StartsWith("volume.beta.kubernetes.io/"u8)
        || key.StartsWith("volume.alpha.kubernetes.io/"u8)
        || key.StartsWith("storageclass."u8)
        || key.StartsWith("storageoperator.io/"u8);
}
