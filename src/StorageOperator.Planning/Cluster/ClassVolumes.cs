using StorageOperator.Model;

namespace StorageOperator.Planning.Cluster;

/// <summary>All volumes of one class: the free ones in partitions, the others counted by why they are not free.</summary>
internal sealed class ClassVolumes
{
    private readonly int[] _byStanding = new int[6];
    private readonly Dictionary<(VolumeMode Mode, string Attributes), VolumePartition> _partitions = [];

    /// <summary>How many volumes the class has.</summary>
    public int Count { get; private set; }

    /// <summary>The free volumes' partitions.</summary>
    public IReadOnlyDictionary<(VolumeMode Mode, string Attributes), VolumePartition> Partitions => _partitions;

    /// <summary>How many volumes have a standing.</summary>
    public int CountOf(VolumeStanding standing) => _byStanding[(int)standing];

    public void Add(VolumeEntry volume, VolumeStanding standing)
    {
        Count++;
        _byStanding[(int)standing]++;
        if (standing == VolumeStanding.Free)
        {
            var key = (volume.VolumeMode, volume.AttributesClassName);
            if (!_partitions.TryGetValue(key, out var partition))
            {
                _partitions[key] = partition = new VolumePartition();
            }

            partition.Add(volume);
        }
    }

    public void Remove(VolumeEntry volume, VolumeStanding standing)
    {
        Count--;
        _byStanding[(int)standing]--;
        if (standing == VolumeStanding.Free)
        {
            var key = (volume.VolumeMode, volume.AttributesClassName);
            var partition = _partitions[key];
            partition.Remove(volume);
            if (partition.Count == 0)
            {
                _partitions.Remove(key);
            }
        }
    }
}
