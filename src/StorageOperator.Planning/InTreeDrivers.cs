using StorageOperator.Model;

namespace StorageOperator.Planning;

/// <summary>
/// The storage plugins that once were part of Kubernetes and are CSI drivers now (csi-translation-lib, all migrated for good since
/// 1.27 to 1.33), and the marks that say so on claims and volumes.
/// </summary>
internal static class InTreeDrivers
{
    /// <summary>The CSI driver that took over from an in-tree provisioner, or null when none did.</summary>
    public static string? SuccessorOf(string provisioner) => provisioner switch
    {
        "kubernetes.io/aws-ebs" => "ebs.csi.aws.com",
        "kubernetes.io/gce-pd" => "pd.csi.storage.gke.io",
        "kubernetes.io/azure-disk" => "disk.csi.azure.com",
        "kubernetes.io/azure-file" => "file.csi.azure.com",
        "kubernetes.io/cinder" => "cinder.csi.openstack.org",
        "kubernetes.io/vsphere-volume" => "csi.vsphere.vmware.com",
        "kubernetes.io/portworx-volume" => "pxd.portworx.com",
        _ => null,
    };

    /// <summary>The in-tree name of a volume's source, or null when its plugin never had a successor.</summary>
    public static string? NameOf(VolumeSource source) => source.Plugin switch
    {
        "awsElasticBlockStore" => "kubernetes.io/aws-ebs",
        "gcePersistentDisk" => "kubernetes.io/gce-pd",
        "azureDisk" => "kubernetes.io/azure-disk",
        "azureFile" => "kubernetes.io/azure-file",
        "cinder" => "kubernetes.io/cinder",
        "vsphereVolume" => "kubernetes.io/vsphere-volume",
        "portworxVolume" => "kubernetes.io/portworx-volume",
        _ => null,
    };

    /// <summary>A volume's annotations with the mark that is right for the provisioner that made it; unchanged when none did.</summary>
    public static KeyValueSet Mark(VolumeEntry volume) => Mark(volume.Annotations, volume.Annotations[WellKnown.ProvisionedBy]);

    /// <summary>A claim's annotations with the mark that is right for the provisioner it waits for; unchanged when it waits for none.</summary>
    public static KeyValueSet Mark(ClaimEntry claim) =>
        Mark(claim.Annotations, claim.Annotations[WellKnown.StorageProvisioner] ?? claim.Annotations[WellKnown.BetaStorageProvisioner]);

    private static KeyValueSet Mark(KeyValueSet annotations, string? provisioner)
    {
        if (provisioner is null)
        {
            return annotations;
        }

        return SuccessorOf(provisioner) is { } driver
            ? annotations.With(WellKnown.MigratedTo, driver)
            : annotations.Without(WellKnown.MigratedTo);
    }
}
