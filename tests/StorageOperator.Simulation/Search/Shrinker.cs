using StorageOperator.Simulation.Worlds;

namespace StorageOperator.Simulation.Search;

/// <summary>Makes a script that breaks a promise as short and as plain as it can while it still breaks that promise.</summary>
internal static class Shrinker
{
    public static Script Shrink(Script script, string rule)
    {
        for (var smaller = Pass(script, rule); smaller.Moves.Count < script.Moves.Count || !smaller.Moves.SequenceEqual(script.Moves); smaller = Pass(script, rule))
        {
            script = smaller;
        }

        return script;
    }

    private static Script Pass(Script script, string rule)
    {
        script = TryBetter(script with { Operators = 1 }, rule) ?? script;
        for (var length = Math.Max(1, script.Moves.Count / 2); length >= 1; length /= 2)
        {
            for (var at = script.Moves.Count - length; at >= 0; at -= length)
            {
                script = TryBetter(script with { Moves = [.. script.Moves.Take(at), .. script.Moves.Skip(at + length)] }, rule) ?? script;
                at = Math.Min(at, script.Moves.Count);
            }
        }

        for (var at = 0; at < script.Moves.Count; at++)
        {
            foreach (var plainer in Plainer(script.Moves[at]))
            {
                script = TryBetter(script with { Moves = [.. script.Moves.Take(at), plainer, .. script.Moves.Skip(at + 1)] }, rule) ?? script;
            }
        }

        return script;
    }

    private static IEnumerable<Move> Plainer(Move move)
    {
        if (move.C != 0)
        {
            yield return move with { C = 0 };
        }

        for (var b = 0; b < Math.Min(move.B, 4); b++)
        {
            yield return move with { B = b };
        }
    }

    private static Script? TryBetter(Script script, string rule) => script.Run()?.Rule == rule ? script : null;
}
