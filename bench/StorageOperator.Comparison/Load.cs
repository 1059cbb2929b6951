namespace StorageOperator.Comparison;

/// <summary>How much is bound.</summary>
/// <param name="Pairs">Claims and volumes at once.</param>
/// <param name="Singles">Claims one after another.</param>
/// <param name="Rounds">Turns of each contestant.</param>
internal sealed record Load(int Pairs, int Singles, int Rounds);
