#!/usr/bin/env bash
# Exercise 1: persistent volumes and claims. Run it on any cluster whose claims this operator (or Kubernetes) binds:
#
#   KUBECONFIG=... tests/StorageOperator.Conformance/Exercises/volumes-and-claims.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

volume=pv-log-$suffix

claim() {
  cat <<YAML
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: claim-log
spec:
  storageClassName: ""
  accessModes: [$1]
  resources:
    requests:
      storage: 50Mi
  selector:
    matchLabels:
      exercise: $volume
YAML
}

step "A volume of 100Mi that many may write to, kept when its claim goes"
remember "pv/$volume"
apply <<YAML
apiVersion: v1
kind: PersistentVolume
metadata:
  name: $volume
  labels:
    exercise: $volume
spec:
  capacity:
    storage: 100Mi
  accessModes: [ReadWriteMany]
  persistentVolumeReclaimPolicy: Retain
  hostPath:
    path: /tmp/$volume
YAML
expect "the volume is" Available field pv "$volume" .status.phase

step "A claim of 50Mi for one node: the size would do, the access mode does not"
claim ReadWriteOnce | apply
expect "the claim is" Pending field pvc claim-log .status.phase
expect "it says that the access mode is why" yes says "${EXERCISE_ACCESS_MODES_SAID:-FailedBinding: .*lacks? ReadWriteOnce}" events_of claim-log
expect "the volume is still" Available field pv "$volume" .status.phase

step "The access mode of a claim cannot be changed, so it is made again, with ReadWriteMany"
k delete pvc claim-log
claim ReadWriteMany | apply
expect "the claim is" Bound field pvc claim-log .status.phase
expect "it names the volume" "$volume" field pvc claim-log .spec.volumeName
expect "it has the whole volume, not the 50Mi it asked for" 100Mi field pvc claim-log .status.capacity.storage
expect "the volume is" Bound field pv "$volume" .status.phase
expect "the volume names the claim" "$namespace/claim-log" \
  k get pv "$volume" -o 'jsonpath={.spec.claimRef.namespace}/{.spec.claimRef.name}'

step "A pod uses the claim"
apply <<YAML
apiVersion: v1
kind: Pod
metadata:
  name: webapp
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - name: webapp
    image: registry.k8s.io/pause:3.9
    volumeMounts:
    - name: log
      mountPath: /log
  volumes:
  - name: log
    persistentVolumeClaim:
      claimName: claim-log
YAML
expect "the pod has a node" yes says . field pod webapp .spec.nodeName

step "The claim is deleted while the pod uses it: it waits"
k delete pvc claim-log --wait=false
expect "the claim is being deleted" yes says . field pvc claim-log .metadata.deletionTimestamp
expect "and still there, with its volume" "Bound $volume" \
  k get pvc claim-log -o 'jsonpath={.status.phase} {.spec.volumeName}'
expect "the volume is still" Bound field pv "$volume" .status.phase

step "The pod goes, and so does the claim"
k delete pod webapp --force --grace-period=0
expect "the claim is there" no exists pvc claim-log

step "The volume was kept: nobody else gets it before somebody has looked at its data"
expect "the volume is" Released field pv "$volume" .status.phase
expect "it still names the claim" claim-log field pv "$volume" .spec.claimRef.name
