using StorageOperator.Controllers.Acting;
using StorageOperator.Runtime.Api;

namespace StorageOperator.Simulation.Operators;

/// <summary>What becomes of a request on its way.</summary>
internal enum Fault
{
    /// <summary>Nothing: it arrives, and so does the answer.</summary>
    None,

    /// <summary>It never arrives, or the server turns it away before doing anything.</summary>
    Lost,

    /// <summary>The server says that somebody else was faster, although nobody was.</summary>
    Conflict,

    /// <summary>It takes effect, and the answer never arrives.</summary>
    AnswerLost,
}

/// <summary>One request of a process: sent, then dealt with by whom it was sent to, then its answer is heard.</summary>
/// <param name="about">What it asks, for people.</param>
internal abstract class Request(string about)
{
    /// <summary>Whether it has been dealt with, so that only the answer is under way.</summary>
    public bool HasArrived { get; protected set; }

    /// <summary>It is dealt with.</summary>
    public abstract void Arrive(Fault fault);

    /// <summary>Its answer, whatever it is, reaches the process.</summary>
    public abstract void Hear();

    public override string ToString() => about;
}

/// <inheritdoc/>
/// <param name="perform">What whoever it is sent to does; throws what the caller shall see when it refuses.</param>
internal sealed class Request<T>(string about, Func<T> perform) : Request(about)
{
    private readonly TaskCompletionSource<T> _answer = new();
    private T? _result;
    private Exception? _failure;

    public Task<T> Answer => _answer.Task;

    public override void Arrive(Fault fault)
    {
        HasArrived = true;
        _failure = fault switch
        {
            Fault.Lost => new ApiException(ApiFailure.Transport, "connection reset"),
            Fault.Conflict => new ApiException(ApiFailure.Conflict, "the object has been modified", 409),
            _ => null,
        };
        if (_failure is not null)
        {
            return;
        }

        try
        {
            _result = perform();
        }
        catch (Exception e) when (e is ApiException or ReclaimFailedException)
        {
            _failure = e;
        }

        if (fault == Fault.AnswerLost)
        {
            _failure = new ApiException(ApiFailure.Timeout, "no answer in time");
        }
    }

    public override void Hear()
    {
        if (_failure is not null)
        {
            _answer.SetException(_failure);
        }
        else
        {
            _answer.SetResult(_result!);
        }
    }
}
