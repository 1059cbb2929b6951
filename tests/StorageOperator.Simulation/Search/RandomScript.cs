using StorageOperator.Simulation.Checks;
using StorageOperator.Simulation.Worlds;

namespace StorageOperator.Simulation.Search;

/// <summary>Makes up a history from a seed while it happens, so that most moves make sense.</summary>
internal sealed class RandomScript
{
    private const int Length = 250;

    private static readonly (MoveKind Kind, int Weight)[] UserMoves =
    [
        (MoveKind.CreateClaim, 10), (MoveKind.DeleteClaim, 7), (MoveKind.GrowClaim, 1), (MoveKind.CreateVolume, 12), (MoveKind.DeleteVolume, 3),
        (MoveKind.EditVolume, 4), (MoveKind.FreeVolume, 2), (MoveKind.Provision, 4), (MoveKind.ScheduleVolume, 4), (MoveKind.CreateClass, 4),
        (MoveKind.DeleteClass, 1), (MoveKind.CreatePod, 4), (MoveKind.SchedulePod, 4), (MoveKind.EndPod, 2), (MoveKind.DeletePod, 4),
        (MoveKind.EndScrubber, 5), (MoveKind.Interfere, 3),
    ];

    private readonly Random _random;
    private readonly World _world;
    private readonly int _operators;
    private readonly int _faults;
    private readonly int _users;
    private readonly bool _interferes;
    private readonly int _class;
    private readonly List<Move> _moves = [];

    private RandomScript(int seed)
    {
        _random = new Random(seed);
        _operators = _random.Next(3) == 0 ? 2 : 1;
        _faults = _random.Next(4) switch { 0 => 0, 1 => 2, 2 => 8, _ => 25 };
        _users = _random.Next(3) switch { 0 => 5, 1 => 15, _ => 40 };
        _interferes = _random.Next(4) == 0;
        _class = _random.Next(4);
        _world = new World(_operators);
    }

    /// <summary>Lets one history happen.</summary>
    /// <param name="seed">Which.</param>
    /// <returns>The history, the first promise it broke (or null), and how many actions there were.</returns>
    public static (Script Script, Violation? Violation, int Actions) Happen(int seed)
    {
        var random = new RandomScript(seed);
        var actions = random.Happen();
        return (new Script(random._operators, random._moves), random._world.Violation, actions);
    }

    private int Happen()
    {
        for (var tries = 0; _moves.Count < Length && tries < Length * 8 && _world.Violation is null; tries++)
        {
            var move = Choose();
            if (_world.Make(move) is not null)
            {
                _moves.Add(move);
            }
        }

        return _moves.Count + (_world.Violation is null ? _world.Rest() : 0);
    }

    private Move Choose()
    {
        var dice = _random.Next(100);
        if (dice < _users)
        {
            return User();
        }

        var process = _random.Next(_operators);
        return _random.Next(1000) switch
        {
            < 4 when _faults > 0 => new(MoveKind.Crash, process, _random.Next(2)),
            < 8 => new(MoveKind.Relist, process, _random.Next(4)),
            < 30 => new(MoveKind.Wait),
            < 280 => new(MoveKind.Deliver, process, _random.Next(4)),
            < 480 => new(MoveKind.Work, process, _random.Next(8)),
            < 740 => new(MoveKind.Arrive, process, _random.Next(4), _random.Next(100) < _faults ? _random.Next(1, 4) : 0),
            _ => new(MoveKind.Hear, process, _random.Next(4)),
        };
    }

    // Most of what a world's users make is alike, or nothing would ever fit anything.
    private int Favourite(int choices, int? favourite = null) => _random.Next(4) == 0 ? _random.Next(choices) : (favourite ?? _class) % choices;

    private Move User()
    {
        var total = UserMoves.Sum(move => move.Weight);
        var at = _random.Next(total);
        foreach (var (kind, weight) in UserMoves)
        {
            if ((at -= weight) < 0)
            {
                return kind == MoveKind.Interfere && !_interferes ? User() : Detail(kind);
            }
        }

        return Detail(MoveKind.CreateVolume);
    }

    private Move Detail(MoveKind kind) => kind switch
    {
        MoveKind.CreateClaim => new(kind, _random.Next(Users.ClaimCount), Users.HowClaim(_random.Next(3), Favourite(5), Favourite(3, 0), Favourite(3, 0)), _random.Next(6) == 0 ? _random.Next(Users.VolumeCount) + 1 : 0),
        MoveKind.CreateVolume => new(kind, _random.Next(Users.VolumeCount), Users.HowVolume(_random.Next(3), Favourite(4), Favourite(3, 0), _random.Next(3), _random.Next(2)), _random.Next(6) == 0 ? _random.Next(Users.ClaimCount) + 1 : 0),
        MoveKind.EditVolume => new(kind, _random.Next(Users.VolumeCount), _random.Next(16)),
        MoveKind.Interfere => new(kind, _random.Next(5), _random.Next(8), _random.Next(Users.ClaimCount)),
        MoveKind.CreateClass => new(kind, _random.Next(Users.ClassCount), _random.Next(4) == 0 ? 1 : 0),
        MoveKind.EndScrubber => new(kind, _random.Next(Users.VolumeCount), _random.Next(4) == 0 ? 1 : 0),
        _ => new(kind, _random.Next(5), _random.Next(5), _random.Next(5) == 0 ? 1 : 0),
    };
}
