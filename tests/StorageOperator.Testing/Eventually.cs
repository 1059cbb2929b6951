using System.Diagnostics.CodeAnalysis;

namespace StorageOperator.Testing;

/// <summary>
/// The one way tests wait: look, and look again until a condition holds or a deadline passes.
/// </summary>
/// <remarks>
/// Between two looks it waits on a timer of the given <see cref="TimeProvider"/>. That is a poll of something that can only be
/// looked at (another process, an API server), not a sleep that hopes that things are done: it returns at the first look that holds.
/// </remarks>
public static class Eventually
{
    /// <summary>How long the things that these tests wait for may take on a busy machine.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    /// <summary>Waits until <paramref name="look"/> returns something.</summary>
    /// <param name="what">What is waited for, as the end of "waited 30 s for ...".</param>
    /// <param name="look">Returns what was waited for, or null for "not yet". Its own errors count as "not yet" and are told at the deadline.</param>
    /// <exception cref="TimeoutException">The deadline passed; the message says what was waited for and what the last look saw.</exception>
    public static async Task<T> Get<T>(
        string what,
        Func<CancellationToken, Task<T?>> look,
        TimeSpan? within = null,
        TimeSpan? between = null,
        Func<string>? lastSeen = null,
        TimeProvider? time = null,
        CancellationToken cancellationToken = default)
        where T : class
    {
        time ??= TimeProvider.System;
        var limit = within ?? Deadline;
        var start = time.GetTimestamp();
        Exception? last = null;
        while (true)
        {
            (var found, last) = await LookOnce(look, cancellationToken);
            if (found is not null)
            {
                return found;
            }

            if (time.GetElapsedTime(start) >= limit)
            {
                throw new TimeoutException($"Waited {limit.TotalSeconds:0.#} s for {what}.{Seen(lastSeen, last)}", last);
            }

            await Task.Delay(between ?? TimeSpan.FromMilliseconds(50), time, cancellationToken);
        }
    }

    /// <summary>Waits until <paramref name="condition"/> holds.</summary>
    /// <exception cref="TimeoutException">The deadline passed.</exception>
    public static async Task Holds(
        string what,
        Func<CancellationToken, Task<bool>> condition,
        TimeSpan? within = null,
        TimeSpan? between = null,
        Func<string>? lastSeen = null,
        TimeProvider? time = null,
        CancellationToken cancellationToken = default) =>
        await Get(what, async token => await condition(token) ? what : null, within, between, lastSeen, time, cancellationToken);

    /// <summary>Waits until <paramref name="condition"/> holds.</summary>
    /// <exception cref="TimeoutException">The deadline passed.</exception>
    public static Task Holds(
        string what,
        Func<bool> condition,
        TimeSpan? within = null,
        TimeSpan? between = null,
        Func<string>? lastSeen = null,
        TimeProvider? time = null,
        CancellationToken cancellationToken = default) =>
        Holds(what, _ => Task.FromResult(condition()), within, between, lastSeen, time, cancellationToken);

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "a look that fails is a look that has not seen it yet")]
    private static async Task<(T? Found, Exception? Error)> LookOnce<T>(Func<CancellationToken, Task<T?>> look, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return (await look(cancellationToken), null);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, error);
        }
    }

    private static string Seen(Func<string>? lastSeen, Exception? last) =>
        (lastSeen is null ? "" : $" Last seen: {lastSeen()}") + (last is null ? "" : $" Last error: {last.Message}");
}
