using System.Net;
using System.Text.Json.Nodes;
using StorageOperator.Testing;

namespace StorageOperator.Faults.Outages;

/// <summary>
/// People who create and delete claims and volumes in one namespace, as chance will have it or as asked, and remember what they did:
/// so it can be said in the end what must be there.
/// </summary>
internal sealed class Users(KubernetesApi api, int seed = 0) : IDisposable
{
    private const string Space = "users";

    private static readonly string[] Policies = ["Retain", "Retain", "Delete", "Recycle"];

    private readonly Random _random = new(seed);
    private readonly DirectoryInfo _bytes = Directory.CreateDirectory($"/tmp/storage-operator-users-{Guid.NewGuid():N}");
    private readonly HashSet<string> _claims = [];
    private readonly Dictionary<string, string> _volumes = [];
    private readonly HashSet<string> _deleted = [];
    private int _count;

    /// <summary>Makes their namespace.</summary>
    public async Task MoveIn() =>
        (await api.Create(JsonNode.Parse($$"""{ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "{{Space}}" } }""")!)).Succeeded();

    /// <summary>Does one thing at random.</summary>
    public Task DoSomething() => _random.Next(10) switch
    {
        < 4 => CreateClaim(_random.Next(1, 5)),
        < 8 => CreateVolume(_random.Next(1, 5), Policies[_random.Next(Policies.Length)]),
        8 => DeleteAnyClaim(),
        _ => _random.Next(3) == 0 ? DeleteAnyVolume() : DeleteAnyClaim(),
    };

    /// <summary>A claim for so many GiB.</summary>
    /// <returns>Its name.</returns>
    public async Task<string> CreateClaim(int size = 1)
    {
        var name = $"c{++_count}";
        (await api.Create(JsonNode.Parse($$"""
            {
              "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": { "name": "{{name}}", "namespace": "{{Space}}" },
              "spec": { "accessModes": ["ReadWriteOnce"], "storageClassName": "of-users", "resources": { "requests": { "storage": "{{size}}Gi" } } }
            }
            """)!)).Succeeded();
        _claims.Add(name);
        return name;
    }

    /// <summary>A volume of so many GiB, with bytes.</summary>
    /// <returns>Its name.</returns>
    public async Task<string> CreateVolume(int size = 1, string policy = "Retain")
    {
        var name = $"v{++_count}";
        Directory.CreateDirectory(Path.Combine(_bytes.FullName, name));
        await File.WriteAllTextAsync(Path.Combine(_bytes.FullName, name, "data"), "bytes");
        (await api.Create(JsonNode.Parse($$"""
            {
              "apiVersion": "v1", "kind": "PersistentVolume", "metadata": { "name": "{{name}}" },
              "spec": {
                "capacity": { "storage": "{{size}}Gi" }, "accessModes": ["ReadWriteOnce"], "persistentVolumeReclaimPolicy": "{{policy}}",
                "storageClassName": "of-users", "hostPath": { "path": "{{_bytes.FullName}}/{{name}}" }
              }
            }
            """)!)).Succeeded();
        _volumes[name] = policy;
        return name;
    }

    /// <summary>A volume and a claim for it.</summary>
    /// <returns>The claim's name.</returns>
    public async Task<string> CreatePair()
    {
        await CreateVolume();
        return await CreateClaim();
    }

    public async Task DeleteClaim(string name)
    {
        await Delete(ClaimPath(name));
        _claims.Remove(name);
    }

    /// <summary>The kubelet's part: every scrubber there is succeeds.</summary>
    public async Task RunScrubbers()
    {
        foreach (var pod in await List("Pod"))
        {
            if ((string?)pod["status"]?["phase"] != "Succeeded")
            {
                var answer = await api.Patch(ResourcePath.Object("Pod", "default", NameOf(pod)) + "/status", JsonNode.Parse("""{"status":{"phase":"Succeeded"}}""")!);
                Assert.True(answer.IsSuccess || answer.Status == HttpStatusCode.NotFound, answer.Text);
            }
        }
    }

    public async Task UntilBound(string claim, TimeSpan? within = null)
    {
        JsonNode? last = null;
        await Eventually.Holds(
            $"claim {claim} to be Bound",
            async token => PhaseOf(last = (await api.Get(ClaimPath(claim), token)).Succeeded()) == "Bound",
            within,
            TimeSpan.FromMilliseconds(50),
            () => last?.ToJsonString() ?? "nothing");
    }

    /// <summary>
    /// Waits until all is as it must be: every bond has two ends, no claim waits for a volume that fits it, what was deleted is gone, what
    /// was kept is there, and nothing that was to be reclaimed is left.
    /// </summary>
    public async Task UntilAllIsWell(TimeSpan within)
    {
        IReadOnlyList<string> wrong = [];
        await Eventually.Holds(
            "all to be well",
            async _ =>
            {
                await RunScrubbers();
                wrong = await WhatIsWrong();
                return wrong.Count == 0;
            },
            within,
            TimeSpan.FromMilliseconds(300),
            () => $"{wrong.Count} things wrong: {string.Join("; ", wrong.Take(8))}");
    }

    /// <summary>What breaks a promise that holds at every moment, whatever has failed meanwhile.</summary>
    public async Task AssertNothingIsLost()
    {
        var volumes = (await List("PersistentVolume")).ToDictionary(NameOf);
        foreach (var (name, policy) in _volumes)
        {
            if (policy == "Retain" && !_deleted.Contains(name))
            {
                Assert.True(volumes.ContainsKey(name), $"{name} was to be retained and is gone.");
                Assert.True(File.Exists(Path.Combine(_bytes.FullName, name, "data")), $"The bytes of {name} were to be retained and are gone.");
            }
        }
    }

    public void Dispose() => _bytes.Delete(recursive: true);

    private async Task<IReadOnlyList<string>> WhatIsWrong()
    {
        // The volumes are read later: a volume that a claim was bound to before must be there, while what is new in between is settled later.
        var claims = await List("PersistentVolumeClaim");
        var volumes = await List("PersistentVolume");
        return [.. WrongClaims(claims, volumes).Concat(WrongVolumes(volumes, claims)).Concat(WrongBytes(volumes))];
    }

    private IEnumerable<string> WrongClaims(IReadOnlyList<JsonNode> claims, IReadOnlyList<JsonNode> volumes)
    {
        var names = claims.Select(NameOf).ToHashSet();
        foreach (var missing in _claims.Except(names))
        {
            yield return $"claim {missing} is gone and nobody deleted it";
        }

        foreach (var claim in claims)
        {
            var (name, phase, named) = (NameOf(claim), PhaseOf(claim), (string?)claim["spec"]!["volumeName"]);
            if (!_claims.Contains(name))
            {
                yield return $"claim {name} was deleted and is still there";
            }
            else if (phase == "Bound")
            {
                if (!volumes.Any(volume => NameOf(volume) == named && UidIn(volume) == UidOf(claim) && PhaseOf(volume) == "Bound"))
                {
                    yield return $"claim {name} is Bound to {named}, which does not say so";
                }
            }
            else if (phase == "Pending" && volumes.FirstOrDefault(volume => IsFree(volume) && Size(volume) >= Size(claim)) is { } fits)
            {
                yield return $"claim {name} waits, while {NameOf(fits)} is free and fits";
            }
            else if (phase != "Pending")
            {
                yield return $"claim {name} is {phase}";
            }
        }

        foreach (var shared in claims.Select(claim => (string?)claim["spec"]!["volumeName"]).OfType<string>().CountBy(volume => volume))
        {
            if (shared.Value > 1)
            {
                yield return $"volume {shared.Key} serves {shared.Value} claims";
            }
        }
    }

    private IEnumerable<string> WrongVolumes(IReadOnlyList<JsonNode> volumes, IReadOnlyList<JsonNode> claims)
    {
        var byUid = claims.ToDictionary(UidOf);
        foreach (var volume in volumes)
        {
            var (name, phase) = (NameOf(volume), PhaseOf(volume));
            var policy = _volumes[name];
            var expected = UidIn(volume) is not { } uid ? "Available" : byUid.ContainsKey(uid) ? "Bound" : policy == "Retain" ? "Released" : "gone or free again";
            if (phase != expected)
            {
                yield return $"volume {name} ({policy}) is {phase} and should be {expected}";
            }
            else if (phase == "Bound" && (string?)byUid[UidIn(volume)!]["spec"]!["volumeName"] != name)
            {
                yield return $"volume {name} is Bound to {NameOf(byUid[UidIn(volume)!])}, which does not say so";
            }

            if (_deleted.Contains(name) && phase != "Bound")
            {
                yield return $"volume {name} was deleted and is still there";
            }
        }
    }

    // Bytes go with a volume of policy Delete whose claim has gone, and with nothing else.
    private IEnumerable<string> WrongBytes(IReadOnlyList<JsonNode> volumes)
    {
        var names = volumes.Select(NameOf).ToHashSet();
        foreach (var (name, policy) in _volumes)
        {
            var (exists, hasBytes) = (names.Contains(name), File.Exists(Path.Combine(_bytes.FullName, name, "data")));
            if (!exists && policy != "Delete" && !_deleted.Contains(name))
            {
                yield return $"volume {name} ({policy}) is gone and nobody deleted it";
            }

            if (!hasBytes && (exists || policy != "Delete"))
            {
                yield return $"the bytes of {name} ({policy}) are gone";
            }
            else if (hasBytes && !exists && !_deleted.Contains(name))
            {
                yield return $"volume {name} ({policy}) is gone and has left its bytes behind";
            }
        }
    }

    private async Task DeleteAnyClaim()
    {
        if (_claims.Count > 0)
        {
            await DeleteClaim(_claims.ElementAt(_random.Next(_claims.Count)));
        }
    }

    private async Task DeleteAnyVolume()
    {
        var there = _volumes.Keys.Where(name => !_deleted.Contains(name)).ToList();
        if (there.Count > 0)
        {
            var name = there[_random.Next(there.Count)];
            await Delete(ResourcePath.Object("PersistentVolume", null, name));
            _deleted.Add(name);
        }
    }

    private async Task Delete(string path)
    {
        var answer = await api.Delete(path);
        Assert.True(answer.IsSuccess || answer.Status == HttpStatusCode.NotFound, answer.Text);
    }

    private async Task<IReadOnlyList<JsonNode>> List(string kind) =>
        [.. (await api.Get(ResourcePath.Collection(kind))).Succeeded()["items"]!.AsArray().Select(found => found!)];

    private static string ClaimPath(string name) => ResourcePath.Object("PersistentVolumeClaim", Space, name);

    private static string NameOf(JsonNode found) => (string)found["metadata"]!["name"]!;

    private static string UidOf(JsonNode found) => (string)found["metadata"]!["uid"]!;

    private static string? UidIn(JsonNode volume) => (string?)volume["spec"]!["claimRef"]?["uid"];

    private static string? PhaseOf(JsonNode found) => (string?)found["status"]?["phase"];

    private static bool IsFree(JsonNode volume) =>
        PhaseOf(volume) == "Available" && volume["spec"]!["claimRef"] is null && volume["metadata"]!["deletionTimestamp"] is null;

    // Both write whole GiB.
    private static int Size(JsonNode found) => int.Parse(
        ((string)(found["spec"]!["capacity"] ?? found["spec"]!["resources"]!["requests"])!["storage"]!).Replace("Gi", "", StringComparison.Ordinal),
        System.Globalization.CultureInfo.InvariantCulture);
}
