using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Objects;
using StorageOperator.DevCluster.Resources;
using StorageOperator.DevCluster.Storage;

namespace StorageOperator.DevCluster.Serving;

/// <summary>
/// One watch request: turns the store's items into a stream of event lines until the client, a limit or the server ends it.
/// </summary>
internal sealed class WatchStream(
    ResourceKind kind, ListQuery query, ObjectRendering rendering, ResponseForm form, TimeProvider time, TimeSpan bookmarkInterval)
{
    private bool _columnsSent;

    /// <summary>Whether periodic bookmarks are wanted.</summary>
    public bool Bookmarks { get; init; }

    /// <summary>Whether the stream begins with the present state and a bookmark that ends it.</summary>
    public bool InitialEvents { get; init; }

    /// <summary>How long the watch lives at most; null without an end.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Streams until the end.</summary>
    /// <param name="store">The store.</param>
    /// <param name="response">Where to.</param>
    /// <param name="stopping">Ends the stream in an orderly way.</param>
    /// <param name="cut">Breaks the stream off.</param>
    public async Task RunAsync(ObjectStore store, HttpResponse response, CancellationToken stopping, CancellationToken cut)
    {
        response.ContentType = "application/json";
        PipeWriter output = response.BodyWriter;
        using StoreWatch? watch = Open(store, output);
        if (watch is null)
        {
            await output.FlushAsync(cut);
            return;
        }
        // The client learns at once that the watch stands, not only with the first event.
        await response.StartAsync(cut);
        WriteInitialState(watch, output);
        await output.FlushAsync(cut);
        await FollowAsync(store, watch, output, stopping, cut);
    }

    /// <summary>Answers a watch with nothing but an error event, the way a server tells that a version is gone.</summary>
    public static async Task RefuseAsync(HttpResponse response, ApiException refusal)
    {
        response.ContentType = "application/json";
        WriteLine(response.BodyWriter, "ERROR"u8, JsonBytes.Of(refusal.ToStatus()));
        await response.BodyWriter.FlushAsync();
    }

    private StoreWatch? Open(ObjectStore store, PipeWriter output)
    {
        bool fromNow = InitialEvents || query.Revision is null or 0;
        try
        {
            if (InitialEvents && query.Revision > store.Revision)
            {
                throw new RevisionUnavailableException(query.Revision.Value, store.Revision, isFuture: true);
            }
            return store.Watch(kind.StorageKey, fromNow ? null : query.Revision);
        }
        catch (RevisionUnavailableException failure)
        {
            ApiException refusal = failure.IsFuture
                ? ApiException.TooLarge(failure.Asked, failure.Limit)
                : ApiException.TooOld(failure.Asked, failure.Limit);
            WriteLine(output, "ERROR"u8, JsonBytes.Of(refusal.ToStatus()));
            return null;
        }
    }

    private void WriteInitialState(StoreWatch watch, PipeWriter output)
    {
        if (!InitialEvents && query.Revision is > 0)
        {
            return;
        }
        foreach (StoredObject stored in watch.Start.Objects.Where(query.Matches))
        {
            WriteObject(output, "ADDED"u8, stored);
        }
        if (InitialEvents && Bookmarks)
        {
            WriteBookmark(output, watch.Start.Revision, endsInitialEvents: true);
        }
    }

    private async Task FollowAsync(
        ObjectStore store, StoreWatch watch, PipeWriter output, CancellationToken stopping, CancellationToken cut)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stopping, cut);
        using ITimer? timeout = Timeout is { } limit
            ? time.CreateTimer(_ => end.Cancel(), null, limit, System.Threading.Timeout.InfiniteTimeSpan)
            : null;
        using ITimer? ticker = Bookmarks
            ? time.CreateTimer(_ => store.PostBookmark(watch), null, bookmarkInterval, bookmarkInterval)
            : null;
        try
        {
            while (await watch.Items.WaitToReadAsync(end.Token))
            {
                while (watch.Items.TryRead(out WatchItem item))
                {
                    Write(output, item);
                }
                await output.FlushAsync(end.Token);
            }
        }
        catch (OperationCanceledException) when (!cut.IsCancellationRequested)
        {
            // The client's timeout or the server's end: the stream ends in order.
        }
    }

    private void Write(PipeWriter output, WatchItem item)
    {
        if (item.Event is not { } written)
        {
            WriteBookmark(output, item.Revision, endsInitialEvents: false);
            return;
        }
        bool now = written.Type != StoreEventType.Deleted && query.Matches(written.Object);
        bool before = written.Previous is not null && query.Matches(written.Previous);
        if (now)
        {
            WriteObject(output, before ? "MODIFIED"u8 : "ADDED"u8, written.Object);
        }
        else if (before)
        {
            // An object that leaves the selection is deleted as far as this watch can see: in the state that it knows, as of this write.
            StoredObject last = written.Type == StoreEventType.Deleted
                ? written.Object
                : StoredObject.From(written.Object.Key, written.Revision, written.Previous!.ToJson());
            WriteObject(output, "DELETED"u8, last);
        }
    }

    private void WriteObject(PipeWriter output, ReadOnlySpan<byte> type, StoredObject stored)
    {
        WriteHead(output, type);
        rendering.WriteSingle(output, stored, withColumns: !_columnsSent);
        _columnsSent = true;
        output.Write("}\n"u8);
    }

    private void WriteBookmark(PipeWriter output, long revision, bool endsInitialEvents)
    {
        var metadata = new JsonObject { ["resourceVersion"] = StoredObject.RevisionText(revision), ["creationTimestamp"] = null };
        if (endsInitialEvents)
        {
            metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
        }
        JsonObject bookmark = form switch
        {
            ResponseForm.Table => new JsonObject
            {
                ["kind"] = "Table",
                ["apiVersion"] = "meta.k8s.io/v1",
                ["metadata"] = metadata,
                ["columnDefinitions"] = new JsonArray(),
                ["rows"] = new JsonArray(),
            },
            ResponseForm.PartialMetadata => new JsonObject
            {
                ["kind"] = "PartialObjectMetadata",
                ["apiVersion"] = "meta.k8s.io/v1",
                ["metadata"] = metadata,
            },
            _ => kind.Stamp(new JsonObject { ["metadata"] = metadata }),
        };
        WriteLine(output, "BOOKMARK"u8, JsonBytes.Of(bookmark));
    }

    private static void WriteLine(PipeWriter output, ReadOnlySpan<byte> type, ReadOnlySpan<byte> value)
    {
        WriteHead(output, type);
        output.Write(value);
        output.Write("}\n"u8);
    }

    private static void WriteHead(PipeWriter output, ReadOnlySpan<byte> type)
    {
        output.Write("{\"type\":\""u8);
        output.Write(type);
        output.Write("\",\"object\":"u8);
    }
}
