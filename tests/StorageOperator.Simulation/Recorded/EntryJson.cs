using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using StorageOperator.Model;
using StorageOperator.Model.Reading;
using StorageOperator.Simulation.Cluster;

namespace StorageOperator.Simulation.Recorded;

/// <summary>Entries to and from the JSON of the objects they stand for, so that recorded manifests and merge patches can act on them.</summary>
internal static class EntryJson
{
    private delegate T Reader<out T>(ref Utf8JsonReader reader);

    public static ClaimEntry Claim(JsonNode json)
    {
        Canonicalize(json["spec"]?["resources"]?["requests"]);
        Canonicalize(json["status"]?["capacity"]);
        return Read(json, (ref Utf8JsonReader reader) => ClaimReader.Read(ref reader));
    }

    public static VolumeEntry Volume(JsonNode json)
    {
        Canonicalize(json["spec"]?["capacity"]);
        return Read(json, (ref Utf8JsonReader reader) => VolumeReader.Read(ref reader));
    }

    public static ClassEntry Class(JsonNode json) => Read(json, (ref Utf8JsonReader reader) => ClassReader.Read(ref reader));

    public static PodEntry? Pod(JsonNode json) => Read(json, (ref Utf8JsonReader reader) => PodReader.Read(ref reader));

    public static JsonObject Of(ClaimEntry claim) => new()
    {
        ["metadata"] = Metadata(claim, claim.IsDeleting, claim.Annotations, claim.Finalizers),
        ["spec"] = Without(new JsonObject
        {
            ["accessModes"] = Texts(claim.AccessModes.Written),
            ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["storage"] = claim.RequestText } },
            ["storageClassName"] = claim.SpecClassName,
            ["volumeMode"] = claim.VolumeMode.ToString(),
            ["volumeName"] = OrNull(claim.VolumeName),
            ["volumeAttributesClassName"] = OrNull(claim.AttributesClassName),
            ["selector"] = Selector(claim.Selector),
            ["dataSource"] = claim.HasDataSource ? new JsonObject { ["kind"] = "VolumeSnapshot", ["name"] = "snapshot" } : null,
        }),
        ["status"] = Without(new JsonObject
        {
            ["phase"] = OrNull(claim.Phase),
            ["capacity"] = claim.StatusCapacityText.Length > 0 ? new JsonObject { ["storage"] = claim.StatusCapacityText } : null,
            ["accessModes"] = claim.StatusAccessModes.Written.IsEmpty ? null : Texts(claim.StatusAccessModes.Written),
            ["currentVolumeAttributesClassName"] = OrNull(claim.CurrentAttributesClassName),
        }),
    };

    /// <summary>A volume.</summary>
    /// <param name="volume">The entry.</param>
    /// <param name="specClass">spec.storageClassName, which an entry does not keep: it knows only the class that counts.</param>
    public static JsonObject Of(VolumeEntry volume, string? specClass)
    {
        var metadata = Metadata(volume, volume.IsDeleting, volume.Annotations, volume.Finalizers);
        metadata["labels"] = Map(volume.Labels);
        return new JsonObject
        {
            ["metadata"] = metadata,
            ["spec"] = Without(new JsonObject
            {
                ["capacity"] = new JsonObject { ["storage"] = volume.CapacityText },
                ["accessModes"] = Texts(volume.AccessModes.Written),
                ["persistentVolumeReclaimPolicy"] = volume.ReclaimPolicy,
                ["storageClassName"] = specClass,
                ["volumeMode"] = volume.VolumeMode.ToString(),
                ["volumeAttributesClassName"] = OrNull(volume.AttributesClassName),
                ["claimRef"] = volume.ClaimRef is not { } claimRef ? null : Without(new JsonObject
                {
                    ["namespace"] = claimRef.Namespace,
                    ["name"] = claimRef.Name,
                    ["uid"] = OrNull(claimRef.Uid),
                }),
                [volume.Source.Plugin] = Without(new JsonObject
                {
                    ["driver"] = volume.Source.Driver,
                    ["path"] = volume.Source.Path,
                    ["server"] = volume.Source.Server,
                    ["volumeHandle"] = volume.Source.Handle,
                }),
            }),
            ["status"] = Without(new JsonObject { ["phase"] = OrNull(volume.Phase), ["message"] = OrNull(volume.Message) }),
        };
    }

    public static JsonObject Of(PodEntry pod) => new()
    {
        ["metadata"] = Metadata(pod, pod.IsDeleting, pod.Annotations, []),
        ["spec"] = new JsonObject
        {
            ["nodeName"] = pod.NodeName,
            ["volumes"] = new JsonArray([.. pod.Claims.Select(use => new JsonObject
            {
                ["name"] = use.ClaimName,
                ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = use.ClaimName },
            })]),
        },
        ["status"] = Without(new JsonObject { ["phase"] = OrNull(pod.Phase), ["message"] = OrNull(pod.Message) }),
    };

    /// <summary>RFC 7386.</summary>
    public static JsonObject Merged(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is null)
            {
                target.Remove(name);
            }
            else if (value is JsonObject inner)
            {
                var into = target[name] as JsonObject ?? [];
                target.Remove(name);
                target[name] = Merged(into, inner);
            }
            else
            {
                target[name] = value.DeepClone();
            }
        }

        return target;
    }

    private static T Read<T>(JsonNode json, Reader<T> read)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json.ToJsonString()));
        reader.Read();
        return read(ref reader);
    }

    private static void Canonicalize(JsonNode? quantities)
    {
        if ((string?)quantities?["storage"] is { } text)
        {
            quantities["storage"] = CanonicalQuantity.Of(text);
        }
    }

    private static JsonObject Metadata(IEntry entry, bool isDeleting, KeyValueSet annotations, ImmutableArray<string> finalizers) => Without(new JsonObject
    {
        ["name"] = entry.Key.Name,
        ["namespace"] = OrNull(entry.Key.Namespace),
        ["uid"] = entry.Uid,
        ["resourceVersion"] = entry.ResourceVersion.ToString(System.Globalization.CultureInfo.InvariantCulture),
        ["deletionTimestamp"] = isDeleting ? "2026-01-01T00:00:00Z" : null,
        ["annotations"] = Map(annotations),
        ["finalizers"] = Texts(finalizers),
    });

    private static JsonObject? Selector(LabelSelector? selector) => selector is null ? null : new JsonObject
    {
        ["matchExpressions"] = new JsonArray([.. selector.Requirements.Select(requirement => new JsonObject
        {
            ["key"] = requirement.Key,
            ["operator"] = requirement.Operator.ToString(),
            ["values"] = Texts(requirement.Values),
        })]),
    };

    private static JsonObject Map(KeyValueSet set) => new(set.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));

    private static JsonArray Texts(ImmutableArray<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);

    private static string? OrNull(string text) => text.Length == 0 ? null : text;

    private static JsonObject Without(JsonObject o)
    {
        foreach (var (name, value) in o.ToArray())
        {
            if (value is null)
            {
                o.Remove(name);
            }
        }

        return o;
    }
}
