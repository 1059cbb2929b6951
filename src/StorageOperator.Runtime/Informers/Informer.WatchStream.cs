using System.Globalization;
using System.Text.Json;
using StorageOperator.Model;
using StorageOperator.Runtime.Api;

namespace StorageOperator.Runtime.Informers;

/// <content>One watch request, from its start to its end.</content>
internal sealed partial class Informer<TEntry>
{
    private sealed class WatchStream : IAsyncDisposable
    {
        // A server that sends bookmarks sends one a minute or so.
        private static readonly TimeSpan SilenceWithBookmarks = TimeSpan.FromMinutes(3);
        private static readonly TimeSpan SilenceInList = TimeSpan.FromSeconds(30);
        private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

        private readonly Informer<TEntry> _informer;
        private readonly CancellationToken _ct;
        private readonly CancellationTokenSource _watchdog;
        private readonly TimeSpan _serverTimeout = TimeSpan.FromSeconds(Random.Shared.Next(300, 600));
        private readonly LineReader.LineHandler _take;
        private List<TEntry>? _initial;
        private HashSet<ObjectKey> _skipped = [];
        private bool _sendsBookmarks;

        public WatchStream(Informer<TEntry> informer, bool list, CancellationToken ct)
        {
            _informer = informer;
            _ct = ct;
            _initial = list ? [] : null;
            _watchdog = new CancellationTokenSource(Timeout.InfiniteTimeSpan, informer._time);
            _take = Take;
        }

        public async Task RunAsync()
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(_ct, _watchdog.Token);
            try
            {
                await ReadAsync(either.Token);
            }
            catch (OperationCanceledException) when (_initial is not null && _watchdog.IsCancellationRequested && !_ct.IsCancellationRequested)
            {
                throw new StreamingListRefusedException("no end of the initial events came");
            }
        }

        public ValueTask DisposeAsync()
        {
            _watchdog.Dispose();
            return ValueTask.CompletedTask;
        }

        private async Task ReadAsync(CancellationToken ct)
        {
            Rearm();
            using var response = await _informer._transport.WatchAsync(Path(), ct);
            if (!response.IsSuccessStatusCode)
            {
                await RefusedAsync(response, ct);
            }

            await using var body = await response.Content.ReadAsStreamAsync(ct);
            await using var lines = new LineReader(body);
            _informer.Trouble = null;
            if (_initial is null)
            {
                // Going on from a version costs the server little: however often such a watch breaks, the next comes soon. Otherwise a
                // few broken connections in a row would leave the informer blind for half a minute after all is well again.
                _informer._backoff.Reset();
            }

            while (await lines.ReadAsync(_take, ct))
            {
                Rearm();
            }
        }

        private string Path()
        {
            var path = $"{_informer._scope.Path}watch=true&allowWatchBookmarks=true&timeoutSeconds={(int)_serverTimeout.TotalSeconds}";
            return _initial is not null
                ? path + "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
                : path + "&resourceVersion=" + _informer._store.ResourceVersion.ToString(CultureInfo.InvariantCulture);
        }

        private async Task RefusedAsync(HttpResponseMessage response, CancellationToken ct)
        {
            using var body = await PooledBody.ReadAsync(response.Content, ct);
            var error = ApiStatus.ToException(HttpMethod.Get, _informer._scope.Path, response, body.Span);

            // Servers before 1.27 forbid resourceVersionMatch on a watch, later ones with the feature off forbid sendInitialEvents.
            throw _initial is not null && error.Failure is ApiFailure.Invalid or ApiFailure.BadRequest
                ? new StreamingListRefusedException(error.Message)
                : error;
        }

        /// <summary>
        /// Any line shows that the peer lives; how long may pass until the next depends on what the server does when nothing happens.
        /// </summary>
        private void Rearm() =>
            _watchdog.CancelAfter(_initial is not null ? SilenceInList : _sendsBookmarks ? SilenceWithBookmarks : _serverTimeout + Grace);

        private void Take(ReadOnlySpan<byte> line)
        {
            var watched = WatchEvent.Parse(line);
            var item = line.Slice(watched.ObjectStart, watched.ObjectLength);
            switch (watched.Type)
            {
                case WatchEventType.Bookmark:
                    Bookmark(ObjectIdentity.Read(item));
                    break;
                case WatchEventType.Error:
                    var reader = new Utf8JsonReader(item);
                    reader.Read();
                    throw ApiStatus.Read(ref reader).ToException(_informer.Type.Plural);
                case WatchEventType.Unknown:
                    throw new JsonException("a watch event has an unknown type");
                default:
                    Change(watched.Type, item);
                    break;
            }
        }

        private void Bookmark(in ObjectIdentity at)
        {
            _sendsBookmarks = true;
            if (_initial is null)
            {
                _informer._store.MoveTo(at.ResourceVersion);
                return;
            }

            if (!at.InitialEventsEnd)
            {
                throw new StreamingListRefusedException("the server sent a bookmark where the end of the initial events should be");
            }

            _informer.Listed(_initial, _skipped, at.ResourceVersion);
            (_initial, _skipped) = (null, []);
        }

        private void Change(WatchEventType type, ReadOnlySpan<byte> item)
        {
            TEntry? entry;
            try
            {
                entry = ApiClient.Decode(item, _informer._decode);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // Throws when the fault is not the decoder's but the line's.
                var skipped = _informer._undecodable.Report(item, e);
                Skip(type, skipped);
                return;
            }

            _informer._metrics.WatchEvent(_informer.Type.Kind, NameOf(type));
            if (_initial is not null)
            {
                AddInitial(type, entry);
            }
            else if (entry is not null && type != WatchEventType.Deleted)
            {
                _informer._store.ApplyEvent(entry);
            }
            else
            {
                var gone = entry is null ? ObjectIdentity.Read(item) : new ObjectIdentity(entry.Key, entry.Uid, entry.ResourceVersion, false);
                _informer._store.ApplyDelete(gone.Key, gone.Uid, gone.ResourceVersion);
            }
        }

        private void AddInitial(WatchEventType type, TEntry? entry)
        {
            if (type != WatchEventType.Added)
            {
                throw new StreamingListRefusedException($"the server sent a {NameOf(type)} event among the initial events");
            }

            if (entry is not null)
            {
                _initial!.Add(entry);
            }
        }

        private void Skip(WatchEventType type, in ObjectIdentity skipped)
        {
            if (_initial is not null)
            {
                _skipped.Add(skipped.Key);
            }
            else if (type == WatchEventType.Deleted)
            {
                _informer._store.ApplyDelete(skipped.Key, skipped.Uid, skipped.ResourceVersion);
            }
            else
            {
                _informer._store.MoveTo(skipped.ResourceVersion);
            }
        }

        private static string NameOf(WatchEventType type) => type switch
        {
            WatchEventType.Added => "ADDED",
            WatchEventType.Modified => "MODIFIED",
            _ => "DELETED",
        };
    }
}
