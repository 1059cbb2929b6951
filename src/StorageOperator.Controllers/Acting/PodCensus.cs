using StorageOperator.Model;
using StorageOperator.Model.Reading;
using StorageOperator.Runtime.Api;
using StorageOperator.Runtime.Stores;

namespace StorageOperator.Controllers.Acting;

/// <summary>
/// Fresh lists of a namespace's pods, shared: everybody who asks while a list is under way gets the next one, which starts when that
/// one has ended. So a thousand claims deleted at once cost a handful of lists, and every answer is newer than its question.
/// </summary>
internal sealed class PodCensus(IApiClient api, IEntityStore<PodEntry> pods)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Line> _lines = new(StringComparer.Ordinal);

    /// <summary>Puts all pods of a namespace that use claims into the store, as of some moment after the call.</summary>
    public Task TakeAsync(string @namespace, CancellationToken ct)
    {
        lock (_gate)
        {
            if (!_lines.TryGetValue(@namespace, out var line))
            {
                _lines[@namespace] = line = new Line();

                // On the caller's scheduler, so that whoever runs the controllers step by step runs this too.
                _ = Task.Factory.StartNew(() => ServeAsync(@namespace, line), CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskScheduler.Current);
            }

            line.Waiting ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return line.Waiting.Task.WaitAsync(ct);
        }
    }

    private async Task ServeAsync(string @namespace, Line line)
    {
        while (NextRound(@namespace, line) is { } round)
        {
            try
            {
                foreach (var pod in await api.ListAsync<PodEntry>(ResourceTypes.Pod, @namespace, null, PodReader.Read, CancellationToken.None))
                {
                    pods.Assume(pod);
                }

                round.SetResult();
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                round.SetException(e);
            }
        }
    }

    private TaskCompletionSource? NextRound(string @namespace, Line line)
    {
        lock (_gate)
        {
            var round = line.Waiting;
            line.Waiting = null;
            if (round is null)
            {
                _lines.Remove(@namespace);
            }

            return round;
        }
    }

    /// <summary>Those who wait for the next list of a namespace.</summary>
    private sealed class Line
    {
        public TaskCompletionSource? Waiting { get; set; }
    }
}
