using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace StorageOperator.DevCluster.Validation;

/// <summary>
/// The sources of volumes: exactly one, with what it needs. Sources of plugins that are long gone are checked for their required fields.
/// Source: kubernetes pkg/apis/core/validation (ValidatePersistentVolumeSpec, validateVolumeSource).
/// </summary>
internal static partial class VolumeSourceRules
{
    private delegate void Check(JsonObject source, string path, FieldErrors errors);

    private static readonly string[] HostPathTypes =
        ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];

    // In the order in which the API server looks for them: only the first is examined, each further one is one too many.
    private static readonly (string Field, string Reported, Check Check)[] Persistent =
    [
        ("hostPath", "hostPath", HostPath),
        ("gcePersistentDisk", "persistentDisk", (source, path, errors) => Disk(source, "pdName", path, errors)),
        ("awsElasticBlockStore", "awsElasticBlockStore", (source, path, errors) => Disk(source, "volumeID", path, errors)),
        ("glusterfs", "glusterfs", Needs("endpoints", "path")),
        ("flocker", "flocker", (_, _, _) => { }),
        ("nfs", "nfs", Nfs),
        ("rbd", "rbd", Needs("image")),
        ("quobyte", "quobyte", Needs("registry", "volume")),
        ("cephfs", "cephfs", Needs("monitors")),
        ("iscsi", "iscsi", Iscsi),
        ("cinder", "cinder", Needs("volumeID")),
        ("fc", "fc", FibreChannel),
        ("flexVolume", "flexVolume", Needs("driver")),
        ("azureFile", "azureFile", Needs("secretName", "shareName")),
        ("vsphereVolume", "vsphereVolume", Needs("volumePath")),
        ("photonPersistentDisk", "photonPersistentDisk", Needs("pdID")),
        ("portworxVolume", "portworxVolume", Needs("volumeID")),
        ("azureDisk", "azureDisk", Needs("diskName", "diskURI")),
        ("scaleIO", "scaleIO", Needs("gateway", "system", "volumeName")),
        ("local", "local", Local),
        ("storageos", "storageos", (_, _, _) => { }),
        ("csi", "csi", Csi),
    ];

    private static readonly (string Field, Check Check)[] Inline =
    [
        ("emptyDir", EmptyDir),
        ("hostPath", HostPath),
        ("secret", Needs("secretName")),
        ("nfs", Nfs),
        ("iscsi", Iscsi),
        ("persistentVolumeClaim", Needs("claimName")),
        ("downwardAPI", (_, _, _) => { }),
        ("fc", FibreChannel),
        ("configMap", Needs("name")),
        ("projected", (_, _, _) => { }),
        ("csi", InlineCsi),
        ("ephemeral", Ephemeral),
        ("image", (_, _, _) => { }),
        ("gcePersistentDisk", (source, path, errors) => Disk(source, "pdName", path, errors)),
        ("awsElasticBlockStore", (source, path, errors) => Disk(source, "volumeID", path, errors)),
        ("gitRepo", Needs("repository")),
        ("glusterfs", Needs("endpoints", "path")),
        ("flexVolume", Needs("driver")),
        ("cinder", Needs("volumeID")),
        ("cephfs", Needs("monitors")),
        ("rbd", Needs("image")),
        ("azureFile", Needs("secretName", "shareName")),
        ("azureDisk", Needs("diskName", "diskURI")),
        ("vsphereVolume", Needs("volumePath")),
        ("portworxVolume", Needs("volumeID")),
        ("quobyte", Needs("registry", "volume")),
        ("scaleIO", Needs("gateway", "system", "volumeName")),
        ("storageos", (_, _, _) => { }),
        ("flocker", (_, _, _) => { }),
        ("photonPersistentDisk", Needs("pdID")),
    ];

    public static void Default(JsonObject spec)
    {
        spec.Object("hostPath")?.Default("type", "");
        spec.Object("iscsi")?.DefaultText("iscsiInterface", "default");
        if (spec.Object("rbd") is { } rbd)
        {
            rbd.DefaultText("pool", "rbd");
            rbd.DefaultText("user", "admin");
            rbd.DefaultText("keyring", "/etc/ceph/keyring");
        }

        if (spec.Object("scaleIO") is { } scale)
        {
            scale.DefaultText("storageMode", "ThinProvisioned");
            scale.DefaultText("fsType", "xfs");
        }

        if (spec.Object("azureDisk") is { } azure)
        {
            azure.Default("cachingMode", "ReadWrite");
            azure.Default("kind", "Shared");
            azure.Default("fsType", "ext4");
            azure.Default("readOnly", false);
        }
    }

    public static void ValidatePersistent(JsonObject spec, string path, FieldErrors errors)
    {
        var found = 0;
        foreach (var (field, reported, check) in Persistent)
        {
            if (spec.Object(field) is not { } source)
            {
                continue;
            }

            if (found++ > 0)
            {
                errors.Forbidden($"{path}.{field}", "may not specify more than 1 volume type");
            }
            else
            {
                check(source, $"{path}.{reported}", errors);
            }
        }

        if (found == 0)
        {
            errors.Required(path, "must specify a volume type");
        }
    }

    public static void ValidateInline(JsonObject volume, string path, FieldErrors errors)
    {
        var found = 0;
        foreach (var (field, check) in Inline)
        {
            if (volume.Object(field) is not { } source)
            {
                continue;
            }

            if (found++ > 0)
            {
                errors.Forbidden($"{path}.{field}", "may not specify more than 1 volume type");
            }
            else
            {
                check(source, $"{path}.{field}", errors);
            }
        }

        if (found == 0)
        {
            errors.Required(path, "must specify a volume type");
        }
    }

    /// <summary>Whether a path names the root of the file system, however it is written.</summary>
    public static bool IsRoot(string path) => path.StartsWith('/') && Path.GetFullPath(path) == "/";

    private static Check Needs(params string[] fields) => (source, path, errors) =>
    {
        foreach (var field in fields.Where(field => !source.Has(field) || source.Text(field) is ""))
        {
            errors.Required($"{path}.{field}");
        }
    };

    private static void Disk(JsonObject source, string identity, string path, FieldErrors errors)
    {
        Needs(identity)(source, path, errors);
        if (source.Number("partition") is < 0 or > 255)
        {
            errors.Invalid($"{path}.partition", source["partition"], "must be between 1 and 255, inclusive");
        }
    }

    private static void HostPath(JsonObject source, string path, FieldErrors errors)
    {
        if (source.Text("path") is not { Length: > 0 } hostPath)
        {
            errors.Required($"{path}.path");
            return;
        }

        VolumeRules.NoBacksteps(hostPath, $"{path}.path", errors);
        if (source.Text("type") is { } type && !HostPathTypes.Contains(type))
        {
            errors.NotSupported($"{path}.type", type, HostPathTypes);
        }
    }

    private static void Local(JsonObject source, string path, FieldErrors errors)
    {
        if (source.Text("path") is { Length: > 0 } local)
        {
            VolumeRules.NoBacksteps(local, $"{path}.path", errors);
        }
        else
        {
            errors.Required($"{path}.path");
        }
    }

    private static void Nfs(JsonObject source, string path, FieldErrors errors)
    {
        Needs("server", "path")(source, path, errors);
        var exported = source.Text("path") ?? "";
        if (!exported.StartsWith('/'))
        {
            errors.Invalid($"{path}.path", exported, "must be an absolute path");
        }
    }

    private static void Iscsi(JsonObject source, string path, FieldErrors errors)
    {
        Needs("targetPortal", "iqn")(source, path, errors);
        if (source.Text("iqn") is { Length: > 0 } iqn && !IscsiNameRegex().IsMatch(iqn))
        {
            errors.Invalid($"{path}.iqn", iqn, "must be valid format");
        }

        if (source.Number("lun") is < 0 or > 255)
        {
            errors.Invalid($"{path}.lun", source["lun"], "must be between 0 and 255, inclusive");
        }

        var authenticates = source.Flag("chapAuthDiscovery") == true || source.Flag("chapAuthSession") == true;
        if (authenticates && !source.Has("secretRef"))
        {
            errors.Required($"{path}.secretRef");
        }
    }

    private static void FibreChannel(JsonObject source, string path, FieldErrors errors)
    {
        var names = source.Texts("targetWWNs").Count;
        var identities = source.Texts("wwids").Count;
        if (names == 0 && identities == 0)
        {
            errors.Required($"{path}.targetWWNs", "must specify either targetWWNs or wwids, but not both");
        }

        if (names > 0 && identities > 0)
        {
            errors.Invalid($"{path}.targetWWNs", source["targetWWNs"], "targetWWNs and wwids can not be specified simultaneously");
        }

        if (names > 0 && source.Number("lun") is null)
        {
            errors.Required($"{path}.lun", "lun is required if targetWWNs is specified");
        }
        else if (names > 0 && source.Number("lun") is < 0 or > 255)
        {
            errors.Invalid($"{path}.lun", source["lun"], "must be between 0 and 255, inclusive");
        }
    }

    private static void Csi(JsonObject source, string path, FieldErrors errors)
    {
        VolumeRules.DriverName(source.Text("driver"), $"{path}.driver", errors);
        Needs("volumeHandle")(source, path, errors);
        foreach (var field in new[] { "controllerPublishSecretRef", "controllerExpandSecretRef", "nodePublishSecretRef",
            "nodeExpandSecretRef" })
        {
            if (source.Object(field) is { } reference)
            {
                SecretReference(reference, $"{path}.{field}", errors);
            }
        }
    }

    private static void SecretReference(JsonObject reference, string path, FieldErrors errors)
    {
        Needs("name", "namespace")(reference, path, errors);
        if (reference.Text("name") is { Length: > 0 } name)
        {
            errors.Invalid($"{path}.name", name, ObjectNames.Subdomain(name));
        }

        if (reference.Text("namespace") is { Length: > 0 } space)
        {
            errors.Invalid($"{path}.namespace", space, ObjectNames.Label(space));
        }
    }

    private static void InlineCsi(JsonObject source, string path, FieldErrors errors)
    {
        VolumeRules.DriverName(source.Text("driver"), $"{path}.driver", errors);
        if (source.Object("nodePublishSecretRef") is { } reference)
        {
            Needs("name")(reference, $"{path}.nodePublishSecretRef", errors);
        }
    }

    private static void EmptyDir(JsonObject source, string path, FieldErrors errors)
    {
        if (source.Quantity("sizeLimit") is { Sign: < 0 })
        {
            errors.Forbidden($"{path}.sizeLimit", "SizeLimit field must be a valid resource quantity");
        }
    }

    private static void Ephemeral(JsonObject source, string path, FieldErrors errors)
    {
        var at = $"{path}.volumeClaimTemplate";
        if (source.Object("volumeClaimTemplate") is not { } template)
        {
            errors.Required(at);
            return;
        }

        var metadata = template.Metadata();
        ObjectMetaRules.Annotations(metadata, $"{at}.metadata", errors);
        ObjectMetaRules.Labels(metadata, $"{at}.metadata", errors);
        foreach (var (field, value) in metadata)
        {
            if (value is not null && field is not ("labels" or "annotations"))
            {
                errors.Forbidden($"{at}.{field}", "cannot be set");
            }
        }

        PersistentVolumeClaimStrategy.ValidateSpec(template.Object("spec") ?? [],
            $"{at}.spec", checkSelectorValues: true, checkDataSourceGroup: true, errors);
    }

    [GeneratedRegex(@"^(iqn\.\d{4}-\d{2}\.[A-Za-z0-9.-]+:[^,;*&$|\s]+|eui\.[A-Za-z0-9]{16}|naa\.[A-Za-z0-9]{32})\z")]
    private static partial Regex IscsiNameRegex();
}
