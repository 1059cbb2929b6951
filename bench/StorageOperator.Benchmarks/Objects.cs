using System.Globalization;
using System.Text;
using StorageOperator.Model;

namespace StorageOperator.Benchmarks;

/// <summary>Claims and volumes of many sizes, three access-mode sets and one class, always the same for the same number.</summary>
internal static class Objects
{
    private static readonly AccessModeList[] Modes =
    [
        AccessModeList.Of("ReadWriteOnce"), AccessModeList.Of("ReadWriteOnce", "ReadOnlyMany"), AccessModeList.Of("ReadWriteMany"),
    ];

    public static VolumeEntry Volume(int i) => new()
    {
        Key = ObjectKey.Cluster(string.Create(CultureInfo.InvariantCulture, $"volume-{i:D7}")),
        Uid = string.Create(CultureInfo.InvariantCulture, $"v{i}"),
        ResourceVersion = (ulong)i + 1,
        Capacity = Size(i),
        CapacityText = Size(i).ToString(),
        AccessModes = Modes[i % Modes.Length],
        ClassName = "bench",
        Phase = Phases.Available,
        Source = new VolumeSource("nfs", Path: "/export", Server: "nfs.example.com"),
    };

    public static ClaimEntry Claim(int i) => new()
    {
        Key = new ObjectKey("default", string.Create(CultureInfo.InvariantCulture, $"claim-{i:D7}")),
        Uid = string.Create(CultureInfo.InvariantCulture, $"c{i}"),
        ResourceVersion = (ulong)i + 1,
        Request = Size(i),
        RequestText = Size(i).ToString(),
        AccessModes = Modes[i % Modes.Length],
        SpecClassName = "bench",
        Phase = Phases.Pending,
    };

    /// <summary>A volume as kube-apiserver prints it, managed fields and all (about 2 KB).</summary>
    public static byte[] VolumeJson(int i) => Encoding.UTF8.GetBytes($$$$$$"""
        {"kind":"PersistentVolume","apiVersion":"v1","metadata":{"name":"volume-{{{{{{i}}}}}}","uid":"6f9f1c9e-5a58-4c8f-9a3e-{{{{{{i:D12}}}}}}","resourceVersion":"{{{{{{i + 1}}}}}}","creationTimestamp":"2026-01-01T00:00:00Z","labels":{"zone":"a","tier":"gold"},"annotations":{"pv.kubernetes.io/bound-by-controller":"yes","kubectl.kubernetes.io/last-applied-configuration":"{\"apiVersion\":\"v1\",\"kind\":\"PersistentVolume\",\"metadata\":{\"annotations\":{},\"name\":\"volume\"},\"spec\":{\"accessModes\":[\"ReadWriteOnce\"],\"capacity\":{\"storage\":\"5Gi\"},\"nfs\":{\"path\":\"/export\",\"server\":\"nfs.example.com\"},\"persistentVolumeReclaimPolicy\":\"Retain\",\"storageClassName\":\"bench\"}}\n"},"finalizers":["kubernetes.io/pv-protection"],"managedFields":[{"manager":"kubectl-client-side-apply","operation":"Update","apiVersion":"v1","time":"2026-01-01T00:00:00Z","fieldsType":"FieldsV1","fieldsV1":{"f:metadata":{"f:annotations":{".":{},"f:kubectl.kubernetes.io/last-applied-configuration":{}},"f:labels":{".":{},"f:tier":{},"f:zone":{}}},"f:spec":{"f:accessModes":{},"f:capacity":{".":{},"f:storage":{}},"f:nfs":{".":{},"f:path":{},"f:server":{}},"f:persistentVolumeReclaimPolicy":{},"f:storageClassName":{},"f:volumeMode":{}}}},{"manager":"storage-operator","operation":"Update","apiVersion":"v1","time":"2026-01-01T00:00:01Z","fieldsType":"FieldsV1","fieldsV1":{"f:status":{"f:phase":{}}},"subresource":"status"}]},"spec":{"capacity":{"storage":"5Gi"},"nfs":{"server":"nfs.example.com","path":"/export"},"accessModes":["ReadWriteOnce"],"claimRef":{"kind":"PersistentVolumeClaim","namespace":"default","name":"claim-{{{{{{i}}}}}}","uid":"6f9f1c9e-5a58-4c8f-9a3f-{{{{{{i:D12}}}}}}","apiVersion":"v1","resourceVersion":"7"},"persistentVolumeReclaimPolicy":"Retain","storageClassName":"bench","volumeMode":"Filesystem"},"status":{"phase":"Bound","lastPhaseTransitionTime":"2026-01-01T00:00:01Z"}}
        """);

    private static Quantity Size(int i) => new((1 + ((long)i * 7919 % 1000)) << 30);
}
