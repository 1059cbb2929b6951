namespace StorageOperator.Runtime.Queues;

/// <summary>Counts what a queue does; called under the queue's lock.</summary>
internal interface IWorkQueueObserver
{
    /// <summary>A key became ready.</summary>
    void Added();

    /// <summary>A key was taken after waiting so long.</summary>
    void Taken(TimeSpan waited);

    /// <summary>A key was given back after being worked on so long.</summary>
    void Done(TimeSpan worked);
}
