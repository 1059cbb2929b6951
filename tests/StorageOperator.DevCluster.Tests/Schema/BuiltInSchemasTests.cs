using StorageOperator.DevCluster.Schema;

namespace StorageOperator.DevCluster.Tests.Schema;

public class BuiltInSchemasTests
{
    private static readonly BuiltInSchemas Schemas = BuiltInSchemas.Instance;

    [Theory]
    [InlineData("", "v1", "PersistentVolume", "io.k8s.api.core.v1.PersistentVolume")]
    [InlineData("storage.k8s.io", "v1", "StorageClass", "io.k8s.api.storage.v1.StorageClass")]
    [InlineData("rbac.authorization.k8s.io", "v1", "ClusterRole", "io.k8s.api.rbac.v1.ClusterRole")]
    [InlineData("apps", "v1", "DeploymentList", "io.k8s.api.apps.v1.DeploymentList")]
    [InlineData("events.k8s.io", "v1", "Event", "io.k8s.api.events.v1.Event")]
    [InlineData("", "v1", "Event", "io.k8s.api.core.v1.Event")]
    [InlineData("autoscaling", "v2", "HorizontalPodAutoscaler", "io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler")]
    [InlineData("apiextensions.k8s.io", "v1", "CustomResourceDefinition",
        "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition")]
    [InlineData("", "v1", "Status", "io.k8s.apimachinery.pkg.apis.meta.v1.Status")]
    public void Definitions_have_the_names_that_Kubernetes_gives_them(string group, string version, string kind, string name)
    {
        var gvk = new GroupVersionKind(group, version, kind);
        Assert.Equal(name, Schemas.NameOf(gvk));
        Assert.Equal(gvk, Schemas.KindOf(name));
    }

    [Fact]
    public void Every_reference_of_every_definition_resolves()
    {
        var broken = new List<string>();
        foreach (var name in Schemas.DefinitionNames)
        {
            var node = Schemas.Definition(name)!;
            foreach (var (field, schema) in node.Properties)
            {
                foreach (var part in new[] { schema, schema.Items, schema.AdditionalProperties, schema.Items?.Items })
                {
                    if (part?.Reference is { } reference && Schemas.Definition(reference) is null)
                    {
                        broken.Add($"{name}.{field} -> {reference}");
                    }
                }
            }
        }

        Assert.Empty(broken);
        Assert.True(Schemas.DefinitionNames.Count() > 600);
    }

    [Fact]
    public void Parts_belong_to_the_group_that_owns_them()
    {
        Assert.Equal("io.k8s.api.core.v1.PodTemplateSpec", At("apps", "Deployment", "spec", "template").Reference);
        Assert.Equal("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta", At("storage.k8s.io", "StorageClass", "metadata").Reference);
        Assert.Equal("io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime", At("coordination.k8s.io", "Lease", "spec", "renewTime").Reference);
        Assert.Equal("io.k8s.apimachinery.pkg.apis.meta.v1.Time", At("", "Pod", "metadata", "creationTimestamp").Reference);
        Assert.Equal("io.k8s.api.rbac.v1.Subject", At("rbac.authorization.k8s.io", "RoleBinding", "subjects").Items!.Reference);
    }

    [Fact]
    public void Lists_and_maps_merge_as_the_conventions_say()
    {
        var containers = At("", "Pod", "spec", "containers");
        Assert.Equal(("merge", "name", ListType.Map), (containers.PatchStrategy, containers.PatchMergeKey, containers.ListType));
        var ports = At("", "Pod", "spec", "containers", "ports");
        Assert.Equal(["containerPort", "protocol"], ports.ListMapKeys);
        Assert.Equal("containerPort", ports.PatchMergeKey);
        Assert.Equal(ListType.Set, At("", "Pod", "metadata", "finalizers").ListType);
        Assert.Equal(ListType.Atomic, At("", "PersistentVolume", "spec", "accessModes").ListType);
        Assert.False(At("", "PersistentVolume", "spec", "claimRef").IsAtomicMap);
        Assert.True(At("", "PersistentVolumeClaim", "spec", "selector").IsAtomicMap);
        Assert.Equal(["type"], At("", "PersistentVolumeClaim", "status", "conditions").ListMapKeys);
    }

    [Fact]
    public void Types_are_those_of_the_real_server()
    {
        Assert.Equal("byte", At("", "Secret", "data").AdditionalProperties!.Format);
        Assert.Equal("io.k8s.apimachinery.pkg.api.resource.Quantity",
            At("", "PersistentVolume", "spec", "capacity").AdditionalProperties!.Reference);
        Assert.Equal(SchemaType.Boolean, At("storage.k8s.io", "StorageClass", "allowVolumeExpansion").Type);
        Assert.Contains("provisioner", Schemas.Of(new GroupVersionKind("storage.k8s.io", "v1", "StorageClass"))!.Required);
    }

    [Fact]
    public void Fields_are_described_from_the_clients_documentation()
        => Assert.StartsWith("accessModes contains all ways the volume can be mounted. More info: https://",
            At("", "PersistentVolume", "spec", "accessModes").Description);

    private static SchemaNode At(string group, string kind, params string[] path)
    {
        var node = Schemas.Of(new GroupVersionKind(group, "v1", kind))!;
        foreach (var step in path)
        {
            node = (node.Target.Items ?? node).Field(step)!;
        }

        return node;
    }
}
