using Microsoft.Extensions.Time.Testing;
using StorageOperator.Controllers.Acting;

namespace StorageOperator.Controllers.Tests.Acting;

/// <summary>When a volume whose reclaim failed is tried again.</summary>
public sealed class ReclaimBackoffTests
{
    [Fact]
    public void Pauses_double_up_to_two_minutes_and_end_when_the_volume_is_forgotten()
    {
        var time = new FakeTimeProvider();
        var backoff = new ReclaimBackoff(time);
        var pauses = new List<double>();
        for (var i = 0; i < 10; i++)
        {
            backoff.Failed("v");
            pauses.Add(backoff.Remaining("v").TotalSeconds);
            time.Advance(backoff.Remaining("v"));
            Assert.Equal(TimeSpan.Zero, backoff.Remaining("v"));
        }

        Assert.Equal([0.5, 1, 2, 4, 8, 16, 32, 64, 122, 122], pauses);
        backoff.Failed("v");
        backoff.Forget("v");
        Assert.Equal(TimeSpan.Zero, backoff.Remaining("v"));
    }
}
