namespace StorageOperator.Comparison;

/// <summary>All figures of all rounds.</summary>
/// <param name="serverVersion">The API server that took part.</param>
internal sealed class Results(string serverVersion)
{
    private readonly Dictionary<(Contestant, Measure), List<double>> _figures = [];

    public string ServerVersion => serverVersion;

    /// <summary>Binds a second that a client which only writes gets out of the API server, by round.</summary>
    public List<double> Ceilings { get; } = [];

    /// <summary>The measures, in the order in which they were first taken.</summary>
    public IEnumerable<Measure> Measures => _figures.Keys.Select(key => key.Item2).Distinct();

    public void Add(Contestant contestant, Measure measure, double figure)
    {
        if (!_figures.TryGetValue((contestant, measure), out var figures))
        {
            _figures[(contestant, measure)] = figures = [];
        }

        figures.Add(figure);
    }

    public IReadOnlyList<double> Of(Contestant contestant, Measure measure) => _figures[(contestant, measure)];

    public double MedianOf(Contestant contestant, Measure measure) => Median(Of(contestant, measure));

    public static double Median(IEnumerable<double> figures)
    {
        var sorted = figures.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
