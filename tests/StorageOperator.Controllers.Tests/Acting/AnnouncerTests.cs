using StorageOperator.Controllers.Acting;
using StorageOperator.Model;
using StorageOperator.Planning.Plans;
using StorageOperator.Runtime.Events;

namespace StorageOperator.Controllers.Tests.Acting;

/// <summary>What people are told, and how often.</summary>
public sealed class AnnouncerTests
{
    private static readonly ClaimEntry Claim = new() { Key = new("ns", "c"), Uid = "c" };

    private readonly Recorder _recorder = new();

    [Fact]
    public void The_same_is_told_once_and_something_else_is_told()
    {
        var announcer = new Announcer(_recorder);

        announcer.Tell([Waiting("0/1")]);
        announcer.Tell([Waiting("0/1")]);
        announcer.Tell([Waiting("0/2")]);

        Assert.Equal(["Normal FailedBinding ns/c: 0/1", "Normal FailedBinding ns/c: 0/2"], _recorder.Told);
    }

    [Fact]
    public void What_was_told_of_an_object_that_is_gone_is_forgotten()
    {
        var announcer = new Announcer(_recorder);

        announcer.Tell([Waiting("0/1")]);
        announcer.Forget(Claim);
        announcer.Tell([Waiting("0/1")]);

        Assert.Equal(2, _recorder.Told.Count);
    }

    private static PlannedEvent Waiting(string note) => PlannedEvent.Of(Claim, isWarning: false, EventReasons.FailedBinding, note);

    private sealed class Recorder : IEventRecorder
    {
        public List<string> Told { get; } = [];

        public void Record(EventSubject about, EventType type, string reason, string action, string note, EventSubject? related = null) =>
            Told.Add($"{type} {reason} {about.Key}: {note}");
    }
}
