#!/usr/bin/env bash
# Exercise 2: storage classes. Run it on any cluster whose claims this operator (or Kubernetes) binds:
#
#   KUBECONFIG=... tests/StorageOperator.Conformance/Exercises/storage-classes.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

local_class=local-storage-$suffix
own_class=my-class-$suffix
local_volume=local-pv-$suffix
own_volume=my-pv-$suffix
node=$("$kubectl" get nodes -o 'jsonpath={.items[0].metadata.name}')

claim() {
  cat <<YAML
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: $1
spec:
  storageClassName: $2
  accessModes: [ReadWriteOnce]
  resources:
    requests:
      storage: 500Mi
YAML
}

step "A class that nobody provisions for, and that waits for the first consumer of a claim"
remember "storageclass/$local_class"
apply <<YAML
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata:
  name: $local_class
provisioner: kubernetes.io/no-provisioner
volumeBindingMode: WaitForFirstConsumer
YAML
expect "it does not provision" kubernetes.io/no-provisioner field storageclass "$local_class" .provisioner

step "A local volume of that class, on one node"
remember "pv/$local_volume"
apply <<YAML
apiVersion: v1
kind: PersistentVolume
metadata:
  name: $local_volume
spec:
  capacity:
    storage: 500Mi
  accessModes: [ReadWriteOnce]
  persistentVolumeReclaimPolicy: Retain
  storageClassName: $local_class
  local:
    path: /opt/vol1
  nodeAffinity:
    required:
      nodeSelectorTerms:
      - matchExpressions:
        - key: kubernetes.io/hostname
          operator: In
          values: [$node]
YAML
expect "the volume is" Available field pv "$local_volume" .status.phase

step "A claim that the volume would fit: it waits all the same, for a pod"
claim local-pvc "$local_class" | apply
expect "the claim is" Pending field pvc local-pvc .status.phase
expect "it says that it waits for its first consumer" yes says "WaitForFirstConsumer: waiting for first consumer" events_of local-pvc
expect "the volume is still" Available field pv "$local_volume" .status.phase

step "The pod arrives"
apply <<YAML
apiVersion: v1
kind: Pod
metadata:
  name: nginx
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - name: nginx
    image: registry.k8s.io/pause:3.9
    volumeMounts:
    - name: www
      mountPath: /var/www/html
  volumes:
  - name: www
    persistentVolumeClaim:
      claimName: local-pvc
YAML
expect "the claim is" Bound field pvc local-pvc .status.phase
expect "it has the volume" "$local_volume" field pvc local-pvc .spec.volumeName
expect "the pod is on the volume's node" "$node" field pod nginx .spec.nodeName

step "A class of your own: volumes and claims of one class find each other, and no others"
remember "storageclass/$own_class"
remember "pv/$own_volume"
apply <<YAML
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata:
  name: $own_class
provisioner: kubernetes.io/no-provisioner
reclaimPolicy: Retain
volumeBindingMode: Immediate
---
apiVersion: v1
kind: PersistentVolume
metadata:
  name: $own_volume
spec:
  capacity:
    storage: 1Gi
  accessModes: [ReadWriteOnce]
  persistentVolumeReclaimPolicy: Retain
  storageClassName: $own_class
  hostPath:
    path: /tmp/$own_volume
YAML
expect "the volume is" Available field pv "$own_volume" .status.phase
claim other-pvc "another-$own_class" | apply
claim my-pvc "$own_class" | apply
expect "the claim of the class is" Bound field pvc my-pvc .status.phase
expect "it has the volume of the class" "$own_volume" field pvc my-pvc .spec.volumeName
expect "it has the whole volume" 1Gi field pvc my-pvc .status.capacity.storage
expect "the claim of another class is" Pending field pvc other-pvc .status.phase
