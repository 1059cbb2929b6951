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
    /// <param name="order">Chooses what comes next, so that events, work and requests overtake each other; null: one after another.</param>
    /// <returns>How many actions it took, and whether everything came to rest before there were too many.</returns>
    public static (int Actions, bool Rests) Run(
        ModelServer server, IReadOnlyList<OperatorProcess> processes, TimeSpan patience, Action<OperatorProcess>? acted = null, Random? order = null)
    {
        var end = server.Now + patience;
        var actions = 0;
        while (actions < Most)
        {
            var before = actions;
            foreach (var process in processes)
            {
                actions += order is null ? Turn(process, acted) : Choose(process, acted, order);
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

    private static int Choose(OperatorProcess process, Action<OperatorProcess>? acted, Random order)
    {
        var behind = process.Feeds.Where(feed => feed.Behind > 0).ToArray();
        var requests = process.Network.Requests;
        var ready = process.HasSynced ? process.Queue.Ready : 0;
        var choices = behind.Length + ready + requests.Count;
        if (choices == 0)
        {
            return 0;
        }

        var choice = order.Next(choices);
        if (choice < behind.Length)
        {
            behind[choice].Next();
        }
        else if (choice < behind.Length + ready)
        {
            process.Work(choice - behind.Length);
        }
        else if (requests[choice - behind.Length - ready] is { HasArrived: false } sent)
        {
            acted?.Invoke(process);
            sent.Arrive(Fault.None);
            acted?.Invoke(process);
        }
        else
        {
            process.Hear(requests[choice - behind.Length - ready]);
        }

        return 1;
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
