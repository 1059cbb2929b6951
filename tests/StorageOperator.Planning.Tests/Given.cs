using StorageOperator.Model;

namespace StorageOperator.Planning.Tests;

/// <summary>
/// Objects for tests, as an API server would serve them: <c>Given.Claim("shop/db").Requesting("5Gi").InClass("fast")</c>. Every word
/// returns a changed copy of the entry, so a half-described object can be shared.
/// </summary>
internal static class Given
{
    /// <summary>A Pending claim for 5Gi, ReadWriteOnce, with explicitly no class, protected as admission leaves it.</summary>
    public static ClaimEntry Claim(string key) => new()
    {
        Key = KeyOf(key),
        Uid = UidOf(key),
        ResourceVersion = 100,
        Request = Quantity.Parse("5Gi"),
        RequestText = "5Gi",
        AccessModes = AccessModeList.Of("ReadWriteOnce"),
        SpecClassName = "",
        Phase = Phases.Pending,
        Finalizers = [WellKnown.ClaimProtection],
    };

    /// <summary>An Available static NFS volume of 10Gi, ReadWriteOnce, Retain, without a class.</summary>
    public static VolumeEntry Volume(string name) => new()
    {
        Key = ObjectKey.Cluster(name),
        Uid = UidOf(name),
        ResourceVersion = 200,
        Capacity = Quantity.Parse("10Gi"),
        CapacityText = "10Gi",
        AccessModes = AccessModeList.Of("ReadWriteOnce"),
        Source = new VolumeSource("nfs", Server: "nfs.example", Path: "/export/" + name),
        Phase = Phases.Available,
        Finalizers = [WellKnown.VolumeProtection],
    };

    /// <summary>A class of an external provisioner that binds at once.</summary>
    public static ClassEntry Class(string name) => new()
    {
        Key = ObjectKey.Cluster(name),
        Uid = UidOf(name),
        ResourceVersion = 300,
        Provisioner = "csi.example.com",
        BindingMode = BindingModes.Immediate,
        CreatedAt = "2026-01-01T00:00:00Z",
    };

    /// <summary>A running pod on a node.</summary>
    public static PodEntry Pod(string key) => new()
    {
        Key = KeyOf(key),
        Uid = UidOf(key),
        ResourceVersion = 400,
        NodeName = "node-1",
        Phase = "Running",
    };

    /// <summary>The pod that scrubs a volume after a claim.</summary>
    public static PodEntry Scrubber(VolumeEntry volume, string afterUid) => Pod($"{WellKnown.RecyclerNamespace}/{WellKnown.RecyclerPodPrefix}{volume.Name}") with
    {
        Annotations = KeyValueSet.Empty.With("storageoperator.io/scrubs-after-claim", afterUid),
    };

    public static ObjectKey KeyOf(string key) => key.Split('/') is [var @namespace, var name] ? new ObjectKey(@namespace, name) : ObjectKey.Cluster(key);

    public static string UidOf(string key) => "uid-of-" + key;
}

internal static class ClaimWords
{
    public static ClaimEntry Requesting(this ClaimEntry claim, string size) => claim with { Request = Quantity.Parse(size), RequestText = size };

    public static ClaimEntry WithModes(this ClaimEntry claim, params string[] modes) => claim with { AccessModes = AccessModeList.Of(modes) };

    public static ClaimEntry InClass(this ClaimEntry claim, string? name) => claim with { SpecClassName = name };

    /// <summary>Leaves the class to the default.</summary>
    public static ClaimEntry Classless(this ClaimEntry claim) => claim with { SpecClassName = null };

    public static ClaimEntry InMode(this ClaimEntry claim, VolumeMode mode) => claim with { VolumeMode = mode };

    public static ClaimEntry InAttributesClass(this ClaimEntry claim, string name) => claim with { AttributesClassName = name };

    public static ClaimEntry Selecting(this ClaimEntry claim, string key, string value) =>
        claim with { Selector = new LabelSelector([new LabelRequirement(key, LabelOperator.In, [value])]) };

    public static ClaimEntry Naming(this ClaimEntry claim, string volume) => claim with { VolumeName = volume };

    public static ClaimEntry InPhase(this ClaimEntry claim, string phase) => claim with { Phase = phase };

    public static ClaimEntry Annotated(this ClaimEntry claim, string key, string value = WellKnown.Yes) => claim with { Annotations = claim.Annotations.With(key, value) };

    public static ClaimEntry Terminating(this ClaimEntry claim) => claim with { IsDeleting = true };

    public static ClaimEntry WithFinalizers(this ClaimEntry claim, params string[] finalizers) => claim with { Finalizers = [.. finalizers] };

    /// <summary>Another claim of the same name.</summary>
    public static ClaimEntry Recreated(this ClaimEntry claim) => claim with { Uid = claim.Uid + "-2" };

    /// <summary>Bound to a volume by a controller, all four writes done.</summary>
    public static ClaimEntry BoundTo(this ClaimEntry claim, VolumeEntry volume) => claim with
    {
        VolumeName = volume.Name,
        Annotations = claim.Annotations.With(WellKnown.BindCompleted, WellKnown.Yes).With(WellKnown.BoundByController, WellKnown.Yes),
        Phase = Phases.Bound,
        StatusCapacityText = volume.CapacityText,
        StatusAccessModes = volume.AccessModes,
        CurrentAttributesClassName = volume.AttributesClassName,
    };
}

internal static class VolumeWords
{
    public static VolumeEntry Holding(this VolumeEntry volume, string size) => volume with { Capacity = Quantity.Parse(size), CapacityText = size };

    public static VolumeEntry WithModes(this VolumeEntry volume, params string[] modes) => volume with { AccessModes = AccessModeList.Of(modes) };

    public static VolumeEntry InClass(this VolumeEntry volume, string name) => volume with { ClassName = name };

    public static VolumeEntry InMode(this VolumeEntry volume, VolumeMode mode) => volume with { VolumeMode = mode };

    public static VolumeEntry InAttributesClass(this VolumeEntry volume, string name) => volume with { AttributesClassName = name };

    public static VolumeEntry Labelled(this VolumeEntry volume, string key, string value) => volume with { Labels = volume.Labels.With(key, value) };

    public static VolumeEntry Annotated(this VolumeEntry volume, string key, string value = WellKnown.Yes) => volume with { Annotations = volume.Annotations.With(key, value) };

    public static VolumeEntry InPhase(this VolumeEntry volume, string phase) => volume with { Phase = phase };

    public static VolumeEntry WithPolicy(this VolumeEntry volume, string policy) => volume with { ReclaimPolicy = policy };

    public static VolumeEntry On(this VolumeEntry volume, VolumeSource source) => volume with { Source = source };

    public static VolumeEntry OnHostPath(this VolumeEntry volume, string path) => volume.On(new VolumeSource("hostPath", Path: path));

    public static VolumeEntry OnCsi(this VolumeEntry volume, string driver) => volume.On(new VolumeSource("csi", Driver: driver, Handle: "handle"));

    public static VolumeEntry ProvisionedBy(this VolumeEntry volume, string provisioner) => volume.Annotated(WellKnown.ProvisionedBy, provisioner);

    public static VolumeEntry Terminating(this VolumeEntry volume) => volume with { IsDeleting = true };

    public static VolumeEntry WithFinalizers(this VolumeEntry volume, params string[] finalizers) => volume with { Finalizers = [.. finalizers] };

    public static VolumeEntry WithDefect(this VolumeEntry volume, string defect) => volume with { Defect = defect, Capacity = null, CapacityText = "" };

    /// <summary>Reserved by a user for whichever claim bears the name.</summary>
    public static VolumeEntry ReservedFor(this VolumeEntry volume, string claim) => volume.PointingTo(claim, "");

    /// <summary>Pointing to one very claim.</summary>
    public static VolumeEntry PointingTo(this VolumeEntry volume, string claim, string uid) => volume with
    {
        ClaimRef = new ClaimReference(Given.KeyOf(claim).Namespace, Given.KeyOf(claim).Name, uid),
    };

    public static VolumeEntry PointingTo(this VolumeEntry volume, ClaimEntry claim) => volume.PointingTo(claim.Key.ToString(), claim.Uid);

    /// <summary>Bound to a claim by a controller, as all writes leave it.</summary>
    public static VolumeEntry BoundTo(this VolumeEntry volume, ClaimEntry claim) =>
        volume.PointingTo(claim).Annotated(WellKnown.BoundByController).InPhase(Phases.Bound);
}

internal static class OtherWords
{
    public static ClassEntry WaitingForConsumer(this ClassEntry entry) => entry with { BindingMode = BindingModes.WaitForFirstConsumer };

    public static ClassEntry WithoutBindingMode(this ClassEntry entry) => entry with { BindingMode = null };

    public static ClassEntry ByDefault(this ClassEntry entry) => entry with { IsDefault = true };

    public static ClassEntry CreatedAt(this ClassEntry entry, string time) => entry with { CreatedAt = time };

    public static ClassEntry Of(this ClassEntry entry, string provisioner) => entry with { Provisioner = provisioner };

    public static PodEntry Using(this PodEntry pod, params string[] claims) =>
        pod with { Claims = [.. pod.Claims, .. claims.Select(claim => new ClaimUse(claim, IsEphemeral: false))] };

    public static PodEntry UsingItsOwn(this PodEntry pod, string volume) =>
        pod with { Claims = [.. pod.Claims, new ClaimUse($"{pod.Key.Name}-{volume}", IsEphemeral: true)] };

    public static PodEntry Unscheduled(this PodEntry pod) => pod with { NodeName = "", Phase = "Pending" };

    public static PodEntry Ended(this PodEntry pod, string phase = "Succeeded", string message = "") => pod with { Phase = phase, Message = message };

    public static PodEntry ForceDeleted(this PodEntry pod) => pod with { IsDeleting = true, IsForceDeleted = true };
}
