using StorageOperator.Simulation.Cluster;

namespace StorageOperator.Simulation.Operators;

/// <summary>Lets processes run without any fault until none of them has anything left to do.</summary>
internal static class Calm
{
    private const int Most = 20_000;

    /// <summary>Runs to rest.</summary>
    /// <param name="server">The API server; its clock moves over pauses.</param>
    /// <param name="processes">The processes, run in turn.</param>
    /// <param name="patience">For how long, on the cluster's clock, what is tried again later is waited for.</param>
    /// <param name="acted">Told after each request that was dealt with.</param>
    /// <returns>How many actions it took, and whether everything came to rest before there were too many.</returns>
    public static (int Actions, bool Rests) Run(
        ModelServer server, IReadOnlyList<OperatorProcess> processes, TimeSpan patience, Action<OperatorProcess>? acted = null)
    {
        var end = server.Now + patience;
        var actions = 0;
        while (actions < Most)
        {
            var before = actions;
            foreach (var process in processes)
            {
                actions += Turn(process, acted);
            }

            if (actions > before)
            {
                continue;
            }

            if (processes.Min(process => process.Queue.NextDue) is not { } due || due > end)
            {
                return (actions, true);
            }

            server.Now = due > server.Now ? due : server.Now;
            foreach (var process in processes)
            {
                process.Queue.Wake(server.Now);
            }

            actions++;
        }

        return (actions, false);
    }

    private static int Turn(OperatorProcess process, Action<OperatorProcess>? acted)
    {
        var actions = 0;
        foreach (var feed in process.Feeds)
        {
            for (; feed.Behind > 0; actions++)
            {
                feed.Next();
            }
        }

        for (var ready = process.Queue.Ready; ready > 0; ready--, actions++)
        {
            process.Work(0);
        }

        foreach (var request in process.Network.Requests.ToArray())
        {
            acted?.Invoke(process);
            if (!request.HasArrived)
            {
                request.Arrive(Fault.None);
                acted?.Invoke(process);
                actions++;
            }

            process.Hear(request);
            actions++;
        }

        return actions;
    }
}
