using StorageOperator.Model;
using StorageOperator.Planning.Matching;
using StorageOperator.Planning.Plans;

namespace StorageOperator.Planning.Claims;

/// <summary>A claim with a class and without a volume that fits: who makes one.</summary>
internal static class Provisioning
{
    private const string HostPath = "kubernetes.io/host-path";

    public static Plan Plan(ClaimEntry claim, ClaimEntry kept, ClassEntry? storageClass, MatchReport report, PlanningOptions options)
    {
        if (storageClass is null)
        {
            return Fail(Verdict.WaitsForClass, kept,
                $"storageclass.storage.k8s.io \"{claim.ClassName}\" not found: create the class, or a volume of that class that fits. {report}");
        }

        if (storageClass.Provisioner == WellKnown.NoProvisioner)
        {
            return Fail(Verdict.WaitsForVolume, kept,
                $"storage class \"{storageClass.Name}\" has provisioner {WellKnown.NoProvisioner}, so an administrator must create a volume that fits. {report}");
        }

        if (!options.EnableDynamicProvisioning)
        {
            return Fail(Verdict.WaitsForVolume, kept,
                $"dynamic provisioning is switched off in this operator, so an administrator must create a volume that fits. {report}");
        }

        var provisioner = InTreeDrivers.SuccessorOf(storageClass.Provisioner) ?? storageClass.Provisioner;
        var handedOver = kept with
        {
            Annotations = kept.Annotations.With(WellKnown.StorageProvisioner, provisioner).With(WellKnown.BetaStorageProvisioner, provisioner),
        };
        if (!provisioner.StartsWith(WellKnown.InTreePrefix, StringComparison.Ordinal))
        {
            return Wait(Verdict.WaitsForProvisioner, handedOver, isWarning: false, EventReasons.ExternalProvisioning,
                $"Waiting for a volume to be created either by the external provisioner '{provisioner}' or manually by the system administrator. "
                + $"If volume creation is delayed, please verify that the provisioner is running and correctly registered. {report}");
        }

        return provisioner == HostPath
            ? Fail(Verdict.WaitsForVolume, handedOver,
                $"Failed to create provisioner: provisioning in volume plugin \"{provisioner}\" is disabled. Use a class of another provisioner. {report}")
            : Fail(Verdict.WaitsForVolume, kept,
                $"no volume plugin matched name: {provisioner}. Kubernetes no longer has this plugin: use a class of another provisioner. {report}");

        Plan Fail(Verdict verdict, ClaimEntry desired, string note) => Wait(verdict, desired, isWarning: true, EventReasons.ProvisioningFailed, note);

        // The phase is left as it is, as kube-controller-manager leaves it: only metadata is written on this path.
        Plan Wait(Verdict verdict, ClaimEntry desired, bool isWarning, string reason, string note)
        {
            var draft = new PlanDraft();
            draft.Write(claim, desired, ObjectPart.Spec);
            draft.Tell(PlannedEvent.Of(claim, isWarning, reason, note));
            return draft.Finish(verdict) with { Report = report };
        }
    }
}
