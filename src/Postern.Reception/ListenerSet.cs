using System.Net;
using System.Net.Sockets;
using Postern.Smtp.Transport;

namespace Postern.Reception;

/// <summary>One listener as it is now.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Address">The bound address, else the configured one.</param>
/// <param name="IsBound">It accepts connections.</param>
/// <param name="IsSuspended">It was suspended by hand.</param>
public sealed record ListenerStatus(string Name, IPEndPoint Address, bool IsBound, bool IsSuspended);

/// <summary>
/// The listeners by name. Changes come one after the other; what is read is a snapshot. Thread-safe.
/// </summary>
internal sealed class ListenerSet(
    Action<Socket, ListenerOptions> begin, Action<string> failing, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _changing = new(1, 1);
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private volatile IReadOnlyList<ListenerStatus> _status = [];
    private bool _closed;

    /// <summary>The listeners now.</summary>
    public IReadOnlyList<ListenerStatus> Status => _status;

    /// <summary>
    /// Makes the listeners those; a suspended one stays so, and those of <paramref name="suspended"/> are from now on.
    /// </summary>
    /// <returns>An error for each address that cannot be bound.</returns>
    public Task<IReadOnlyList<string>> ApplyAsync(
        IReadOnlyList<ListenerOptions> wanted, params IReadOnlyCollection<string> suspended) => ChangeAsync(async () =>
    {
        // First what is gone, so that its address is free for what is new.
        foreach (var gone in _entries.Keys.Except(wanted.Select(listener => listener.Name)).ToList())
        {
            await CloseAsync(_entries[gone]).ConfigureAwait(false);
            _entries.Remove(gone);
        }

        var errors = new List<string>();
        foreach (var options in wanted)
        {
            if (!_entries.TryGetValue(options.Name, out var entry)) _entries[options.Name] = entry = new Entry(options);
            entry.Options = options;
            entry.IsSuspended |= suspended.Contains(options.Name);
            if (entry.IsSuspended || entry.ListensAt(options.Address)) continue;
            if (await BindAsync(entry).ConfigureAwait(false) is { } error)
                errors.Add($"listener {options.Name}: {error}");
        }

        return (IReadOnlyList<string>)errors;
    });

    /// <summary>Closes the address of a listener.</summary>
    /// <returns>False: there is none of that name.</returns>
    public Task<bool> SuspendAsync(string name) => ChangeAsync(async () =>
    {
        if (!_entries.TryGetValue(name, out var entry)) return false;
        entry.IsSuspended = true;
        await CloseAsync(entry).ConfigureAwait(false);
        return true;
    });

    /// <summary>Binds a suspended listener again.</summary>
    /// <returns>Null, or why not.</returns>
    public Task<string?> ResumeAsync(string name) => ChangeAsync(async () =>
    {
        if (!_entries.TryGetValue(name, out var entry)) return $"there is no listener {name}";
        entry.IsSuspended = false;
        return entry.Listener is null ? await BindAsync(entry).ConfigureAwait(false) : null;
    });

    /// <summary>Closes all addresses for good.</summary>
    public Task CloseAsync() => ChangeAsync(async () =>
    {
        _closed = true;
        foreach (var entry in _entries.Values) await CloseAsync(entry).ConfigureAwait(false);
        return true;
    });

    /// <inheritdoc/>
    public void Dispose() => _changing.Dispose();

    private async Task<T> ChangeAsync<T>(Func<Task<T>> change)
    {
        await _changing.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            return await change().ConfigureAwait(false);
        }
        finally
        {
            _status = [.. _entries.Values.Select(entry => entry.Status)];
            _changing.Release();
        }
    }

    // The new address is bound before the old one is closed: an address that cannot be bound changes nothing.
    private async Task<string?> BindAsync(Entry entry)
    {
        if (_closed) return "the gateway stops";
        var (listener, error) = SocketListener.Bind(
            entry.Options.Address, socket => begin(socket, entry.Options), failing, time);
        if (listener is null) return error;
        await CloseAsync(entry).ConfigureAwait(false);
        (entry.Listener, entry.Asked) = (listener, entry.Options.Address);
        return null;
    }

    private static async Task CloseAsync(Entry entry)
    {
        if (entry.Listener is not { } listener) return;
        entry.Listener = null;
        await listener.DisposeAsync().ConfigureAwait(false);
    }

    private sealed class Entry(ListenerOptions options)
    {
        private volatile ListenerOptions _options = options;

        public ListenerOptions Options
        {
            get => _options;
            set => _options = value;
        }

        public SocketListener? Listener { get; set; }

        /// <summary>The address that was configured when <see cref="Listener"/> was bound.</summary>
        public IPEndPoint? Asked { get; set; }

        public bool IsSuspended { get; set; }

        public bool ListensAt(IPEndPoint address) =>
            Listener is not null && (address.Equals(Asked) || address.Equals(Listener.EndPoint));

        public ListenerStatus Status =>
            new(Options.Name, Listener?.EndPoint ?? Options.Address, Listener is not null, IsSuspended);
    }
}
