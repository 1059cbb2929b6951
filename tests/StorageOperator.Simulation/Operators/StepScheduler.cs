namespace StorageOperator.Simulation.Operators;

/// <summary>Runs the asynchronous code of one process on the caller's thread, in the order in which it became ready, and only when told to.</summary>
internal sealed class StepScheduler : TaskScheduler
{
    private readonly Queue<Task> _ready = [];

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Runs until everything waits for something from outside.</summary>
    public void Run()
    {
        while (_ready.TryDequeue(out var task))
        {
            TryExecuteTask(task);
        }
    }

    protected override void QueueTask(Task task) => _ready.Enqueue(task);

    // Never at once: a continuation that ran inside of whatever completed its task would make the order depend on the runtime.
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => _ready;
}
