namespace StorageOperator.Model.Tests;

/// <summary>Objects in full, as API servers print them.</summary>
internal static class Golden
{
    public const string Claim = """
        {
          "kind": "PersistentVolumeClaim", "apiVersion": "v1",
          "metadata": {
            "name": "data", "namespace": "shop", "uid": "5b1c3a52-6f0e-4f0a-9d9d-0a2a7a1c0f11", "resourceVersion": "734",
            "creationTimestamp": "2026-03-01T10:00:00Z", "deletionTimestamp": "2026-03-02T10:00:00Z", "deletionGracePeriodSeconds": 0,
            "labels": {"app": "shop"},
            "annotations": {
              "kubectl.kubernetes.io/last-applied-configuration": "{\"apiVersion\":\"v1\",\"kind\":\"PersistentVolumeClaim\"}\n",
              "pv.kubernetes.io/bind-completed": "yes",
              "pv.kubernetes.io/bound-by-controller": "yes",
              "volume.kubernetes.io/selected-node": "node-1",
              "volume.beta.kubernetes.io/storage-provisioner": "csi.example.com",
              "volume.kubernetes.io/storage-provisioner": "csi.example.com"
            },
            "ownerReferences": [
              {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "db", "uid": "not-the-controller"},
              {"apiVersion": "v1", "kind": "Pod", "name": "db-0", "uid": "pod-uid", "controller": true, "blockOwnerDeletion": true}
            ],
            "finalizers": ["kubernetes.io/pvc-protection", "example.com/hold"],
            "managedFields": [
              {"manager": "kubectl-client-side-apply", "operation": "Update", "apiVersion": "v1", "time": "2026-03-01T10:00:00Z",
               "fieldsType": "FieldsV1",
               "fieldsV1": {"f:metadata": {"f:annotations": {".": {}, "f:kubectl.kubernetes.io/last-applied-configuration": {}}},
                            "f:spec": {"f:accessModes": {}, "f:resources": {"f:requests": {".": {}, "f:storage": {}}}, "f:volumeMode": {}}}},
              {"manager": "kube-controller-manager", "operation": "Update", "subresource": "status", "fieldsV1": {"f:status": {"f:phase": {}}}}
            ]
          },
          "spec": {
            "accessModes": ["ReadWriteOnce", "ReadOnlyMany"],
            "selector": {"matchLabels": {"tier": "gold"}, "matchExpressions": [{"key": "zone", "operator": "In", "values": ["a", "b"]}, {"key": "old", "operator": "DoesNotExist"}]},
            "resources": {"requests": {"storage": "8Gi"}, "limits": {"storage": "99Gi"}},
            "volumeName": "pv-7", "storageClassName": "fast", "volumeMode": "Block",
            "volumeAttributesClassName": "silver",
            "dataSource": {"apiGroup": "snapshot.storage.k8s.io", "kind": "VolumeSnapshot", "name": "yesterday"},
            "dataSourceRef": {"apiGroup": "snapshot.storage.k8s.io", "kind": "VolumeSnapshot", "name": "yesterday"}
          },
          "status": {
            "phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": {"storage": "10Gi"},
            "allocatedResources": {"storage": "11Gi"}, "allocatedResourceStatuses": {"storage": "NodeResizePending"},
            "conditions": [{"type": "FileSystemResizePending", "status": "True", "lastProbeTime": null, "message": "waiting"}],
            "currentVolumeAttributesClassName": "bronze",
            "modifyVolumeStatus": {"targetVolumeAttributesClassName": "silver", "status": "InProgress"}
          }
        }
        """;

    public const string Volume = """
        {
          "kind": "PersistentVolume", "apiVersion": "v1",
          "metadata": {
            "name": "pv-7", "uid": "0e3f8c1e-8a51-4b8e-a9cf-5a55f0f0a001", "resourceVersion": "9001", "creationTimestamp": "2026-03-01T09:00:00Z",
            "labels": {"tier": "gold", "zone": "a"},
            "annotations": {"pv.kubernetes.io/provisioned-by": "csi.example.com", "volume.kubernetes.io/provisioner-deletion-secret-name": "", "owner": "me"},
            "finalizers": ["external-provisioner.volume.kubernetes.io/finalizer", "kubernetes.io/pv-protection"],
            "managedFields": [{"manager": "csi-provisioner", "operation": "Update", "fieldsV1": {"f:spec": {"f:csi": {".": {}, "f:driver": {}}}}}]
          },
          "spec": {
            "capacity": {"storage": "10Gi"},
            "csi": {"driver": "csi.example.com", "volumeHandle": "vol-0042", "fsType": "ext4", "volumeAttributes": {"driver": "not this one", "path": "/nor/this"}},
            "accessModes": ["ReadWriteOnce"],
            "claimRef": {"kind": "PersistentVolumeClaim", "namespace": "shop", "name": "data", "uid": "5b1c3a52", "apiVersion": "v1", "resourceVersion": "700"},
            "persistentVolumeReclaimPolicy": "Delete", "storageClassName": "fast", "volumeMode": "Block", "volumeAttributesClassName": "silver",
            "mountOptions": ["noatime"],
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [{"key": "zone", "operator": "In", "values": ["a"]}]}]}}
          },
          "status": {"phase": "Bound", "message": "all is well", "reason": "none", "lastPhaseTransitionTime": "2026-03-01T10:00:01Z"}
        }
        """;

    public const string Class = """
        {
          "kind": "StorageClass", "apiVersion": "storage.k8s.io/v1",
          "metadata": {
            "name": "fast", "uid": "c1a55", "resourceVersion": "12", "creationTimestamp": "2026-01-01T00:00:00Z",
            "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
            "managedFields": [{"manager": "kubectl", "fieldsV1": {"f:provisioner": {}, "f:volumeBindingMode": {}}}]
          },
          "provisioner": "csi.example.com", "parameters": {"type": "ssd", "provisioner": "not this one"}, "reclaimPolicy": "Delete",
          "mountOptions": ["discard"], "allowVolumeExpansion": true, "volumeBindingMode": "WaitForFirstConsumer",
          "allowedTopologies": [{"matchLabelExpressions": [{"key": "zone", "values": ["a"]}]}]
        }
        """;

    public const string Pod = """
        {
          "kind": "Pod", "apiVersion": "v1",
          "metadata": {
            "name": "db-0", "namespace": "shop", "uid": "pod-uid", "resourceVersion": "55", "creationTimestamp": "2026-03-01T10:00:00Z",
            "deletionTimestamp": "2026-03-02T10:00:00Z", "deletionGracePeriodSeconds": 30,
            "annotations": {"storageoperator.io/scrubs-after-claim": "claim-uid", "other": "thing"}
          },
          "spec": {
            "volumes": [
              {"name": "config", "configMap": {"name": "cfg", "defaultMode": 420}},
              {"name": "data", "persistentVolumeClaim": {"claimName": "data", "readOnly": true}},
              {"name": "scratch", "ephemeral": {"volumeClaimTemplate": {"metadata": {"name": "no"}, "spec": {"resources": {"requests": {"storage": "1Gi"}}}}}},
              {"name": "token", "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}}
            ],
            "containers": [{"name": "db", "image": "db:1", "volumeMounts": [{"name": "data", "mountPath": "/data"}]}],
            "nodeName": "node-1", "schedulerName": "default-scheduler"
          },
          "status": {"phase": "Running", "message": "", "conditions": [{"type": "Ready", "status": "True", "message": "not this one"}], "startTime": "2026-03-01T10:00:00Z"}
        }
        """;

    public static readonly TheoryData<string, string> All = new() { { "claim", Claim }, { "volume", Volume }, { "class", Class }, { "pod", Pod } };
}
