using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Objects;
using StorageOperator.DevCluster.Schema;
using StorageOperator.DevCluster.Schema.Cel;

namespace StorageOperator.DevCluster.Resources;

/// <summary>What a CustomResourceDefinition says about the kinds it defines, and the status the server gives it.</summary>
internal static class CustomResources
{
    /// <summary>Holds a deleted definition until its objects are gone.</summary>
    public const string CleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

    /// <summary>One kind for each served version, the storage version first.</summary>
    public static IEnumerable<ResourceKind> KindsOf(JsonObject definition)
    {
        JsonObject spec = (JsonObject)definition["spec"]!;
        JsonObject names = (JsonObject)spec["names"]!;
        string kind = (string)names["kind"]!;
        return ((JsonArray)spec["versions"]!)
            .OfType<JsonObject>()
            .Where(version => (bool?)version["served"] == true)
            .OrderByDescending(version => (bool?)version["storage"] == true)
            .Select(version => new ResourceKind(
                (string)spec["group"]!, (string)version["name"]!, (string)names["plural"]!, kind, (string?)spec["scope"] == "Namespaced")
            {
                Singular = (string?)names["singular"] ?? kind.ToLowerInvariant(),
                ListKind = (string?)names["listKind"] ?? kind + "List",
                ShortNames = Strings(names["shortNames"]),
                Categories = Strings(names["categories"]),
                HasStatus = version["subresources"]?["status"] is not null,
                HasScale = version["subresources"]?["scale"] is not null,
                CountsGenerations = true,
                CustomVersion = version,
            });
    }

    /// <summary>What is wrong with a definition: its name, and schemas that are not structural.</summary>
    public static IEnumerable<StatusCause> Check(JsonObject definition)
    {
        JsonNode? spec = definition["spec"];
        string plural = ObjectMeta.TextOf(spec?["names"]?["plural"]), group = ObjectMeta.TextOf(spec?["group"]);
        if (ObjectMeta.Text(definition, "name") is var name && name != $"{plural}.{group}")
        {
            yield return new StatusCause(
                "FieldValueInvalid", $"Invalid value: \"{name}\": must be spec.names.plural+\".\"+spec.group", "metadata.name");
        }
        if (ObjectMeta.TextOf(spec?["names"]?["kind"]).Length == 0)
        {
            yield return new StatusCause("FieldValueRequired", "Required value", "spec.names.kind");
        }
        if (ObjectMeta.TextOf(spec?["scope"]) is not ("Namespaced" or "Cluster"))
        {
            yield return new StatusCause(
                "FieldValueRequired", "Required value: supported values: \"Cluster\", \"Namespaced\"", "spec.scope");
        }
        JsonArray versions = spec?["versions"] as JsonArray ?? [];
        if (versions.Count(version => (bool?)version?["storage"] == true) != 1)
        {
            yield return new StatusCause(
                "FieldValueInvalid", "Invalid value: null: must have exactly one version marked as storage version", "spec.versions");
        }
        for (int index = 0; index < versions.Count; index++)
        {
            string path = $"spec.versions[{index}].schema.openAPIV3Schema";
            if (versions[index]?["schema"]?["openAPIV3Schema"] is not JsonObject schema)
            {
                yield return new StatusCause("FieldValueRequired", "Required value: schemas are required", path);
                continue;
            }
            IEnumerable<SchemaError> errors =
                [.. StructuralRules.Check(schema, path), .. CelRules.CheckDefinition(CustomSchemas.Read(schema), path)];
            foreach (SchemaError error in errors)
            {
                yield return new StatusCause(error.Reason, error.Message, error.Field);
            }
        }
    }

    /// <summary>Fills in what a definition may leave out: further names, and that its versions differ in nothing but their name.</summary>
    public static void Complete(JsonObject definition)
    {
        if (definition["spec"] is not JsonObject spec)
        {
            return;
        }
        if (spec["names"] is JsonObject names && ObjectMeta.TextOf(names["kind"]) is { Length: > 0 } kind)
        {
            names["singular"] ??= kind.ToLowerInvariant();
            names["listKind"] ??= kind + "List";
        }
        spec["conversion"] ??= new JsonObject { ["strategy"] = "None" };
    }

    /// <summary>Puts the server's conditions on a completed definition: names accepted, and served at once.</summary>
    public static void Establish(JsonObject definition, string now)
    {
        JsonObject spec = (JsonObject)definition["spec"]!;
        JsonObject names = (JsonObject)spec["names"]!;
        JsonObject status = definition["status"] as JsonObject ?? [];
        definition["status"] = status;
        status["acceptedNames"] = names.DeepClone();
        status["conditions"] ??= new JsonArray(
            Condition("NamesAccepted", "NoConflicts", "no conflicts found", now),
            Condition("Established", "InitialNamesAccepted", "the initial names have been accepted", now));
        JsonNode? stored = ((JsonArray)spec["versions"]!).FirstOrDefault(version => (bool?)version?["storage"] == true);
        string storage = ObjectMeta.TextOf(stored?["name"]);
        if (status["storedVersions"] is not JsonArray storedVersions)
        {
            status["storedVersions"] = storedVersions = [];
        }
        if (!storedVersions.Any(version => (string?)version == storage))
        {
            storedVersions.Add(storage);
        }
    }

    private static JsonObject Condition(string type, string reason, string message, string now) => new()
    {
        ["type"] = type,
        ["status"] = "True",
        ["lastTransitionTime"] = now,
        ["reason"] = reason,
        ["message"] = message,
    };

    private static string[] Strings(JsonNode? node) => node is JsonArray array ? [.. array.Select(item => (string)item!)] : [];
}
