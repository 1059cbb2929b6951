
namespace StorageOperator.DevCluster.Serving;

/// <summary>In which form a client wants objects.</summary>
internal enum ResponseForm
{
    /// <summary>Whole.</summary>
    Object,

    /// <summary>As rows of a meta.k8s.io/v1 Table.</summary>
    Table,

    /// <summary>Type and metadata only.</summary>
    PartialMetadata,
}

/// <summary>Reads the Accept header.</summary>
internal static class Negotiation
{
    /// <summary>The first form in the header that this server gives; whole objects when there is none.</summary>
    public static ResponseForm FormOf(HttpRequest request)
    {
        foreach (string clause in request.Headers.Accept.ToString().Split(','))
        {
            string[] parts = clause.Split(';', StringSplitOptions.TrimEntries);
            if (parts[0] is not ("application/json" or "application/*" or "*/*"))
            {
                continue;
            }
            switch (Parameter(parts, "as"))
            {
                case null:
                    return ResponseForm.Object;
                case "Table" when Parameter(parts, "v") == "v1":
                    return ResponseForm.Table;
                case "PartialObjectMetadata" or "PartialObjectMetadataList":
                    return ResponseForm.PartialMetadata;
                default:
                    continue;
            }
        }
        return ResponseForm.Object;
    }

    /// <summary>Whether the header asks for the aggregated discovery document.</summary>
    public static bool WantsAggregatedDiscovery(HttpRequest request) => request.Headers.Accept.ToString().Split(',').Any(clause =>
    {
        string[] parts = clause.Split(';', StringSplitOptions.TrimEntries);
        return Parameter(parts, "as") == "APIGroupDiscoveryList" && Parameter(parts, "v") == "v2";
    });

    private static string? Parameter(string[] parts, string name) =>
        parts.FirstOrDefault(part => part.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..];
}
