using StorageOperator.Simulation.Cluster;

namespace StorageOperator.Simulation.Operators;

/// <summary>Lets processes run without any fault until none of them has anything left to do.</summary>
internal static class Calm
{
    /// <summary>Runs to rest.</summary>
    /// <param name="server">The API server; its clock moves over pauses.</param>
    /// <param name="processes">The processes, run in turn.</param>
    /// <param name="patience">For how long, on the cluster's clock, what is tried again later is waited for.</param>
    /// <param name="most">How many actions are allowed; whoever needs more does not come to rest.</param>
    /// <returns>False when they did not come to rest.</returns>
    public static bool ComesToRest(ModelServer server, IReadOnlyList<OperatorProcess> processes, TimeSpan patience, int most = 20_000)
    {
        var end = server.Now + patience;
        for (var left = most; left > 0;)
        {
            var acted = 0;
            foreach (var process in processes)
            {
                acted += Turn(process);
            }

            left -= acted;
            if (acted > 0)
            {
                continue;
            }

            if (processes.Min(process => process.Queue.NextDue) is not { } due || due > end)
            {
                return true;
            }

            server.Now = due > server.Now ? due : server.Now;
            foreach (var process in processes)
            {
                process.Queue.Wake(server.Now);
            }

            left--;
        }

        return false;
    }

    private static int Turn(OperatorProcess process)
    {
        var acted = 0;
        foreach (var feed in process.Feeds)
        {
            for (; feed.Behind > 0; acted++)
            {
                feed.Next();
            }
        }

        for (var ready = process.Queue.Ready; ready > 0; ready--, acted++)
        {
            process.Work(0);
        }

        foreach (var request in process.Network.Requests.ToArray())
        {
            if (!request.HasArrived)
            {
                request.Arrive(Fault.None);
            }

            process.Hear(request);
            acted++;
        }

        return acted;
    }
}
