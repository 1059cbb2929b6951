using Microsoft.Extensions.Time.Testing;

namespace StorageOperator.Runtime.Tests.Fakes;

/// <summary>Waits for a condition with a deadline, moving a fake clock on meanwhile.</summary>
internal static class Eventually
{
    public static async Task TrueAsync(Func<bool> condition, string what, FakeTimeProvider? time = null, TimeSpan? step = null)
    {
        var deadline = TimeProvider.System.GetTimestamp() + (15 * TimeProvider.System.TimestampFrequency);
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetTimestamp() < deadline, $"never came true: {what}");
            time?.Advance(step ?? TimeSpan.FromMilliseconds(100));
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>A task's end within a deadline.</summary>
    public static Task<T> InTime<T>(this Task<T> task) => task.WaitAsync(TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken);

    /// <summary>A task's end within a deadline.</summary>
    public static Task InTime(this Task task) => task.WaitAsync(TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken);
}
