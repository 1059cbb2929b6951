using System.Globalization;
using System.Text;
using StorageOperator.Simulation.Checks;
using StorageOperator.Simulation.Worlds;

namespace StorageOperator.Simulation.Search;

/// <summary>A world's history: how many operators it has, and all that happens, in order.</summary>
internal sealed record Script(int Operators, IReadOnlyList<Move> Moves)
{
    /// <summary>Lets it all happen, then lets the world come to rest.</summary>
    /// <param name="log">Told what each move did, if anything.</param>
    /// <returns>The first promise that was broken, or null.</returns>
    public Violation? Run(Action<Move, string>? log = null)
    {
        var world = new World(Operators);
        foreach (var move in Moves)
        {
            if (world.Make(move) is { } happened)
            {
                log?.Invoke(move, happened);
            }

            if (world.Violation is not null)
            {
                return world.Violation;
            }
        }

        world.Rest();
        return world.Violation;
    }

    /// <summary>The script as a test, with what each move does beside it.</summary>
    public string ToTest(string name)
    {
        var text = new StringBuilder();
        text.AppendLine("    [Fact]");
        text.AppendLine(CultureInfo.InvariantCulture, $"    public void {name}() => Holds(operators: {Operators},");
        text.AppendLine("    [");
        Run((move, happened) => text.AppendLine(CultureInfo.InvariantCulture, $"        {move}, // {happened.TrimEnd()}"));
        text.AppendLine("    ]);");
        return text.ToString();
    }
}
