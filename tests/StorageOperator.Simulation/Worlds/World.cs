using StorageOperator.Simulation.Checks;
using StorageOperator.Simulation.Cluster;
using StorageOperator.Simulation.Operators;

namespace StorageOperator.Simulation.Worlds;

/// <summary>A cluster with its users and one or more operators that each believe to be the leader, and what happens to them, move by move.</summary>
internal sealed class World
{
    private static readonly TimeSpan Patience = TimeSpan.FromHours(2);

    private readonly ModelServer _server = new();
    private readonly Users _users;
    private readonly OperatorProcess[] _processes;

    /// <summary>A world.</summary>
    /// <param name="operators">How many operators act.</param>
    public World(int operators)
    {
        _users = new Users(_server);
        Safety = new SafetyWatch(_server, operators, () => _users.HaveInterfered);
        _processes = new OperatorProcess[operators];
        for (var i = 0; i < operators; i++)
        {
            Start(i);
        }
    }

    public SafetyWatch Safety { get; }

    public Violation? Violation => Safety.Violation;

    public IReadOnlyList<OperatorProcess> Processes => _processes;

    /// <summary>Makes a move.</summary>
    /// <returns>What happened, for people; null when the move makes no sense now and nothing did.</returns>
    public string? Make(Move move)
    {
        Safety.Author = SafetyWatch.User;
        var happened = move.Kind switch
        {
            MoveKind.Deliver or MoveKind.Relist or MoveKind.Work or MoveKind.Arrive or MoveKind.Hear or MoveKind.Crash => OfProcess(move),
            MoveKind.Wait => Wait(),
            _ => _users.Do(move),
        };
        Safety.Judge();
        return happened;
    }

    /// <summary>Lets everything run without faults until nothing is left to do, then checks what must be true at rest.</summary>
    /// <returns>How many actions that took.</returns>
    public int Rest()
    {
        var actions = Run();
        if (Violation is null && RestChecks.Judge(_server) is { } atRest)
        {
            Safety.Break(atRest.Rule, atRest.What);
        }

        // Whoever starts into a world at rest finds nothing to write.
        if (Violation is null)
        {
            var writes = Safety.Writes;
            Start(0);
            actions += Run();
            if (Safety.Writes != writes)
            {
                Safety.Break("a restart at rest writes nothing", $"{Safety.Writes - writes} writes");
            }
        }

        return actions;
    }

    private int Run()
    {
        var actions = 0;
        do
        {
            var (count, rests) = Calm.Run(_server, _processes, Patience, process =>
            {
                Safety.Author = Array.IndexOf(_processes, process) + 1;
                Safety.Judge();
            });
            actions += count;
            if (!rests)
            {
                Safety.Break("everything comes to rest", $"not after {count} actions");
            }

            Safety.Author = SafetyWatch.User;
        }
        while (Violation is null && _users.EndScrubbers());

        Safety.Judge();
        return actions;
    }

    private void Start(int index)
    {
        _processes[index] = new OperatorProcess(_server);
        Safety.Watch(index + 1, _processes[index]);
    }

    private string? OfProcess(Move move)
    {
        var index = (move.A & int.MaxValue) % _processes.Length;
        var process = _processes[index];
        Safety.Author = index + 1;
        switch (move.Kind)
        {
            case MoveKind.Deliver or MoveKind.Relist:
                return Deliver(process, index, move);
            case MoveKind.Work when process.HasSynced && process.Queue.Ready > 0:
                var ready = (move.B & int.MaxValue) % process.Queue.Ready;
                var key = process.Queue.Peek(ready);
                process.Work(ready);
                return $"operator {index} works on {key}";
            case MoveKind.Arrive:
                return Arrive(process, index, move);
            case MoveKind.Hear:
                return Hear(process, index, move);
            case MoveKind.Crash:
                return Crash(process, index, move);
            default:
                return null;
        }
    }

    private static string? Deliver(OperatorProcess process, int index, Move move)
    {
        var feed = process.Feeds[(move.B & int.MaxValue) % process.Feeds.Count];
        if (feed.Behind == 0)
        {
            return null;
        }

        if (move.Kind == MoveKind.Relist)
        {
            feed.List();
        }
        else
        {
            feed.Next();
        }

        return $"operator {index} hears of kind {(move.B & int.MaxValue) % process.Feeds.Count}{(move.Kind == MoveKind.Relist ? " by a list" : "")}";
    }

    private static string? Arrive(OperatorProcess process, int index, Move move)
    {
        var request = Pick(process, move.B, arrived: false);
        request?.Arrive((Fault)((move.C & int.MaxValue) % 4));
        return request is null ? null : $"operator {index}: {request} arrives, {(Fault)((move.C & int.MaxValue) % 4)}";
    }

    private static string? Hear(OperatorProcess process, int index, Move move)
    {
        var request = Pick(process, move.B, arrived: true);
        if (request is not null)
        {
            process.Hear(request);
        }

        return request is null ? null : $"operator {index}: {request} is answered";
    }

    private string Crash(OperatorProcess process, int index, Move move)
    {
        foreach (var request in process.Network.Requests.Where(request => move.B == 1 && !request.HasArrived))
        {
            request.Arrive(Fault.None);
            Safety.Judge();
        }

        Start(index);
        return $"operator {index} crashes{(move.B == 1 ? ", its requests arrive" : "")}";
    }

    private string? Wait()
    {
        if (_processes.Min(process => process.Queue.NextDue) is not { } due)
        {
            return null;
        }

        _server.Now = due > _server.Now ? due : _server.Now;
        foreach (var process in _processes)
        {
            process.Queue.Wake(_server.Now);
        }

        return $"time passes until {_server.Now}";
    }

    private static Request? Pick(OperatorProcess process, int number, bool arrived)
    {
        var requests = process.Network.Requests;
        var count = 0;
        for (var i = 0; i < requests.Count; i++)
        {
            count += requests[i].HasArrived == arrived ? 1 : 0;
        }

        if (count == 0)
        {
            return null;
        }

        var left = (number & int.MaxValue) % count;
        for (var i = 0; ; i++)
        {
            if (requests[i].HasArrived == arrived && left-- == 0)
            {
                return requests[i];
            }
        }
    }
}
