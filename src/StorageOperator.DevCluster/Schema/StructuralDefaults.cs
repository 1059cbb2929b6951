using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Schema;

/// <summary>Puts the defaults of a custom schema into an object.</summary>
public static class StructuralDefaults
{
    /// <summary>
    /// Sets every absent field that has a default, and so on below. A null where the schema is not nullable counts as absent: it takes
    /// the default or, without one, is dropped. Changes <paramref name="value"/> itself.
    /// </summary>
    public static void Apply(JsonNode? value, SchemaNode schema)
    {
        switch (value)
        {
            case JsonObject fields:
                ApplyToFields(fields, schema);
                break;
            case JsonArray items when schema.Item is { } item:
                foreach (var element in items)
                {
                    Apply(element, item);
                }

                break;
        }
    }

    private static void ApplyToFields(JsonObject fields, SchemaNode schema)
    {
        foreach (var (name, field) in schema.Target.Properties)
        {
            if (field.Default is not null && (!fields.TryGetPropertyValue(name, out var present) || (present is null && !field.Nullable)))
            {
                fields[name] = field.Default.DeepClone();
            }
        }

        foreach (var (name, value) in fields.ToList())
        {
            if (schema.Field(name) is not { } field)
            {
                continue;
            }

            if (value is null && !field.Nullable && field.Default is null)
            {
                fields.Remove(name);
            }
            else if (value is null && !field.Nullable)
            {
                fields[name] = field.Default!.DeepClone();
            }
            else
            {
                Apply(value, field);
            }
        }
    }
}
