using CsCheck;
using StorageOperator.Model;
using StorageOperator.Planning.Cluster;

namespace StorageOperator.Planning.Tests;

public sealed class IndexTests
{
    private static readonly ObjectKey[] ClaimKeys = [.. new[] { "ns/a", "ns/b", "ns/c", "ns/d", "other/a" }.Select(Given.KeyOf)];

    [Fact]
    public void A_volume_index_answers_like_a_scan() => Gen.Select(Some.Volume, Gen.Int[0, 9], Gen.OneOf(ClaimKeys)).Array[0, 40].Sample(
        changes =>
        {
            var index = new VolumeIndex();
            var volumes = new Dictionary<string, VolumeEntry>();
            var reservations = new Dictionary<string, ObjectKey>();
            foreach (var (volume, kind, claim) in changes)
            {
                switch (kind)
                {
                    case 0 or 1:
                        index.Remove(volume.Name);
                        volumes.Remove(volume.Name);
                        break;
                    case 2 or 3:
                        index.Reserve(volume.Name, claim);
                        reservations[volume.Name] = claim;
                        break;
                    case 4:
                        index.Release(volume.Name);
                        reservations.Remove(volume.Name);
                        break;
                    default:
                        index.Set(volume);
                        volumes[volume.Name] = volume;
                        break;
                }
            }

            AssertAnswersLikeAScan(index, volumes, reservations);
        },
        iter: 2_000);

    [Fact]
    public void A_claim_index_answers_like_a_scan() => (
        from claim in Some.Claim
        from volume in Gen.Frequency((2, ""), (1, "v1"), (1, "v2"))
        from isCompleted in Gen.Bool
        from isRemoval in Gen.Int[0, 3].Select(kind => kind == 0)
        select (Claim: (isCompleted ? claim.Annotated(WellKnown.BindCompleted) : claim).Naming(volume), isRemoval)).Array[0, 30].Sample(
        changes =>
        {
            var index = new ClaimIndex();
            var claims = new Dictionary<ObjectKey, ClaimEntry>();
            foreach (var (claim, isRemoval) in changes)
            {
                if (isRemoval)
                {
                    index.Remove(claim.Key);
                    claims.Remove(claim.Key);
                }
                else
                {
                    index.Set(claim);
                    claims[claim.Key] = claim;
                }
            }

            Assert.Equal(claims.Count, index.Count);
            Assert.Equal(claims.Values.OrderBy(claim => claim.Key), index.All.OrderBy(claim => claim.Key));
            Assert.All(ClaimKeys, key => Assert.Same(claims.GetValueOrDefault(key), index.Get(key)));
            Assert.All(["v1", "v2", ""], name => Assert.Equal(
                claims.Values.Where(claim => claim.VolumeName.Length > 0 && claim.VolumeName == name).Select(claim => claim.Key).Order(),
                index.Naming(name).Order()));
            var waiting = claims.Values.Where(claim => claim.VolumeName.Length == 0 && !claim.IsBindCompleted).OrderBy(claim => claim.Request!.Value.Bytes).ThenBy(claim => claim.Key).ToArray();
            Assert.All(["", "fast", "slow"], name => Assert.Equal(waiting.Where(claim => claim.ClassName == name), index.WaitingIn(name)));
            Assert.Equal(waiting.OrderBy(claim => claim.Key), index.Waiting.OrderBy(claim => claim.Key));
            Assert.Equal(waiting.Where(claim => claim.SpecClassName is null), index.WaitingForDefaultClass);
        },
        iter: 2_000);

    [Fact]
    public void The_claims_that_a_volume_would_satisfy_are_found_largest_first() => Gen.Select(Some.Claim.Array[0, 12], Some.Volume).Sample((claims, volume) =>
    {
        var index = new ClaimIndex();
        foreach (var claim in claims)
        {
            index.Set(claim);
        }

        var expected = index.All
            .Where(claim => volume.Capacity is { } capacity && claim.Request <= capacity && claim.ClassName == volume.ClassName && claim.VolumeMode == volume.VolumeMode
                && claim.AttributesClassName == volume.AttributesClassName && NaiveMatcher.Offers(volume, claim) && claim.Selector?.Matches(volume.Labels) != false)
            .OrderByDescending(claim => claim.Request!.Value.Bytes).ThenByDescending(claim => claim.Key);

        Assert.Equal(expected, index.WaitingFor(volume));
    });

    [Fact]
    public void A_pod_index_answers_like_a_scan() => (
        from name in Gen.OneOf("p", "q", "r")
        from @namespace in Gen.OneOf("ns", "other")
        from uses in Gen.OneOf("a", "b", "c").Array[0, 3]
        from own in Gen.OneOf("", "data")
        from isRemoval in Gen.Int[0, 3].Select(kind => kind == 0)
        select (Pod: (own.Length > 0 ? Given.Pod($"{@namespace}/{name}").UsingItsOwn(own) : Given.Pod($"{@namespace}/{name}")).Using(uses), isRemoval)).Array[0, 20].Sample(changes =>
    {
        var index = new PodIndex();
        var pods = new SortedDictionary<ObjectKey, PodEntry>();
        foreach (var (pod, isRemoval) in changes)
        {
            if (isRemoval)
            {
                index.Remove(pod.Key);
                pods.Remove(pod.Key);
            }
            else
            {
                index.Set(pod);
                pods[pod.Key] = pod;
            }
        }

        foreach (var key in new[] { "ns/a", "ns/b", "other/c", "ns/p-data", "other/q-data", "ns/none" }.Select(Given.KeyOf))
        {
            var users = pods.Values.Where(pod => pod.Key.Namespace == key.Namespace && pod.Claims.Any(use => use.ClaimName == key.Name)).ToArray();
            Assert.Equal(users, index.UsersOf(key));
            foreach (var owner in new[] { "", Given.UidOf("ns/p") })
            {
                var claim = Given.Claim(key.ToString()) with { ControllerUid = owner };
                Assert.Equal(users.Where(pod => pod.Claims.Any(use => use.ClaimName == key.Name && (!use.IsEphemeral || pod.Uid == owner))), index.Using(claim));
            }
        }
    });

    [Fact]
    public void The_default_class_is_the_newest_then_the_first_by_name() => (
        from name in Gen.OneOf("a", "b", "c", "d")
        from isDefault in Gen.Bool
        from year in Gen.Int[2024, 2026]
        from isRemoval in Gen.Int[0, 3].Select(kind => kind == 0)
        select (Class: Given.Class(name).CreatedAt($"{year}-01-01T00:00:00Z") with { IsDefault = isDefault }, isRemoval)).Array[0, 12].Sample(changes =>
    {
        var index = new ClassIndex();
        var classes = new SortedDictionary<string, ClassEntry>(StringComparer.Ordinal);
        foreach (var (entry, isRemoval) in changes)
        {
            if (isRemoval)
            {
                index.Remove(entry.Name);
                classes.Remove(entry.Name);
            }
            else
            {
                index.Set(entry);
                classes[entry.Name] = entry;
            }

            Assert.Same(classes.GetValueOrDefault(entry.Name), index.Get(entry.Name));
        }

        var defaults = classes.Values.Where(entry => entry.IsDefault).ToArray();
        var newest = defaults.Select(entry => entry.CreatedAt).Max(StringComparer.Ordinal);
        Assert.Same(Array.Find(defaults, entry => entry.CreatedAt == newest), index.Default);
    });

    [Fact]
    public void Departed_claims_are_remembered_for_long_but_not_for_ever()
    {
        var departed = new DepartedClaims();
        departed.Add("");
        for (var at = 0; at < 200_000; at++)
        {
            departed.Add($"uid-{at}");
        }

        Assert.False(departed.Contains(""));
        Assert.False(departed.Contains("uid-0"));
        Assert.All(Enumerable.Range(200_000 - 65_536, 65_536), at => Assert.True(departed.Contains($"uid-{at}")));
    }

    private static void AssertAnswersLikeAScan(VolumeIndex index, Dictionary<string, VolumeEntry> volumes, Dictionary<string, ObjectKey> reservations)
    {
        Assert.Equal(volumes.Count, index.Count);
        Assert.Equal(volumes.Values.OrderBy(volume => volume.Key), index.All.OrderBy(volume => volume.Key));
        Assert.Equal(volumes.Values.Select(volume => volume.ClassName).Distinct().Order(), index.Classes.Order());
        Assert.All(ClaimKeys, key => Assert.Equal(reservations.ContainsValue(key), index.IsBinding(key)));
        Assert.All(ClaimKeys, key => Assert.Equal(
            volumes.Values.Where(volume => volume.ClaimRef?.Key == key).OrderBy(volume => volume.Name, StringComparer.Ordinal), index.PointingTo(key)));
        foreach (var name in Enumerable.Range(0, 12).Select(at => $"v{at}"))
        {
            Assert.Same(volumes.GetValueOrDefault(name), index.Get(name));
            Assert.Equal(reservations.TryGetValue(name, out var claim) ? claim : (ObjectKey?)null, index.ReservedFor(name));
        }

        foreach (var ofClass in volumes.Values.GroupBy(volume => volume.ClassName))
        {
            var held = index.OfClass(ofClass.Key)!;
            Assert.Equal(ofClass.Count(), held.Count);
            Assert.All(Enum.GetValues<VolumeStanding>(), standing => Assert.Equal(ofClass.Count(volume => index.StandingOf(volume) == standing), held.CountOf(standing)));
            Assert.Equal(
                ofClass.Where(volume => NaiveMatcher.IsFree(volume, reservations.ContainsKey(volume.Name))).OrderBy(volume => volume.Key),
                held.Partitions.SelectMany(partition => partition.Value.ByModes).SelectMany(modes => modes.Volumes.Ascending(0)).OrderBy(volume => volume.Key));
            Assert.All(held.Partitions, partition => Assert.Equal(partition.Value.ByModes.Sum(modes => modes.Volumes.Count), partition.Value.Count));
        }

        Assert.Null(index.OfClass("no such class"));
    }
}
