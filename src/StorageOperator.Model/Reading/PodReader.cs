using System.Collections.Immutable;
using System.Text.Json;

namespace StorageOperator.Model.Reading;

/// <summary>Reads pods from the API server's JSON in one pass, keeping only those that matter to storage.</summary>
public static class PodReader
{
    /// <summary>Reads the object whose start the reader stands on, and leaves the reader on its end.</summary>
    /// <returns>The pod, or null when it neither uses a claim nor scrubs a volume.</returns>
    /// <exception cref="JsonException">The bytes are not JSON.</exception>
    public static PodEntry? Read(ref Utf8JsonReader reader)
    {
        var metadata = Metadata.None;
        var nodeName = "";
        ImmutableArray<ClaimUse> claims = [];
        (string Phase, string Message) status = ("", "");
        while (JsonWalk.NextProperty(ref reader))
        {
            if (JsonWalk.Is(ref reader, "metadata"u8))
            {
                metadata = Metadata.Read(ref reader);
            }
            else if (JsonWalk.Is(ref reader, "spec"u8))
            {
                ReadSpec(ref reader, ref nodeName, ref claims);
            }
            else if (JsonWalk.Is(ref reader, "status"u8))
            {
                status = ReadStatus(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        if (claims.IsEmpty && !IsScrubber(metadata))
        {
            return null;
        }

        return new PodEntry
        {
            Key = metadata.Key,
            Uid = metadata.Uid,
            ResourceVersion = metadata.ResourceVersion,
            NodeName = nodeName,
            Claims = NameEphemeralClaims(claims, metadata.Name),
            Phase = status.Phase,
            Message = status.Message,
            Annotations = metadata.Annotations,
            IsDeleting = metadata.IsDeleting,
            IsForceDeleted = metadata is { IsDeleting: true, DeletionGraceSeconds: 0 },
        };
    }

    private static bool IsScrubber(Metadata metadata) =>
        metadata.Namespace == WellKnown.RecyclerNamespace && metadata.Name.StartsWith(WellKnown.RecyclerPodPrefix, StringComparison.Ordinal);

    private static void ReadSpec(ref Utf8JsonReader reader, ref string nodeName, ref ImmutableArray<ClaimUse> claims)
    {
        if (!JsonWalk.EnterObject(ref reader))
        {
            return;
        }

        while (JsonWalk.NextProperty(ref reader))
        {
            if (JsonWalk.Is(ref reader, "nodeName"u8))
            {
                nodeName = JsonWalk.Text(ref reader);
            }
            else if (JsonWalk.Is(ref reader, "volumes"u8))
            {
                claims = ReadVolumes(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static ImmutableArray<ClaimUse> ReadVolumes(ref Utf8JsonReader reader)
    {
        if (!JsonWalk.EnterArray(ref reader))
        {
            return [];
        }

        ImmutableArray<ClaimUse>.Builder? claims = null;
        while (JsonWalk.NextElement(ref reader))
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
            }
            else if (ReadVolume(ref reader) is { } use)
            {
                (claims ??= ImmutableArray.CreateBuilder<ClaimUse>(1)).Add(use);
            }
        }

        return claims?.DrainToImmutable() ?? [];
    }

    private static ClaimUse? ReadVolume(ref Utf8JsonReader reader)
    {
        var (volumeName, claimName, isEphemeral) = ("", "", false);
        while (JsonWalk.NextProperty(ref reader))
        {
            if (JsonWalk.Is(ref reader, "name"u8))
            {
                volumeName = JsonWalk.Text(ref reader);
            }
            else if (JsonWalk.Is(ref reader, "persistentVolumeClaim"u8))
            {
                claimName = ReadClaimName(ref reader);
            }
            else if (JsonWalk.Is(ref reader, "ephemeral"u8))
            {
                isEphemeral |= JsonWalk.PassObject(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        // An ephemeral claim is called <pod>-<volume>; the pod's name is only known when the whole pod is read.
        return isEphemeral ? new ClaimUse(volumeName, true) : claimName.Length > 0 ? new ClaimUse(claimName, false) : null;
    }

    private static string ReadClaimName(ref Utf8JsonReader reader)
    {
        var name = "";
        if (!JsonWalk.EnterObject(ref reader))
        {
            return name;
        }

        while (JsonWalk.NextProperty(ref reader))
        {
            if (JsonWalk.Is(ref reader, "claimName"u8))
            {
                name = JsonWalk.Text(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        return name;
    }

    private static ImmutableArray<ClaimUse> NameEphemeralClaims(ImmutableArray<ClaimUse> claims, string podName) => claims.Any(use => use.IsEphemeral)
        ? [.. claims.Select(use => use.IsEphemeral ? use with { ClaimName = $"{podName}-{use.ClaimName}" } : use)]
        : claims;

    private static (string Phase, string Message) ReadStatus(ref Utf8JsonReader reader)
    {
        var status = ("", "");
        if (!JsonWalk.EnterObject(ref reader))
        {
            return status;
        }

        while (JsonWalk.NextProperty(ref reader))
        {
            if (JsonWalk.Is(ref reader, "phase"u8))
            {
                status.Item1 = JsonWalk.Text(ref reader);
            }
            else if (JsonWalk.Is(ref reader, "message"u8))
            {
                status.Item2 = JsonWalk.Text(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        return status;
    }
}
