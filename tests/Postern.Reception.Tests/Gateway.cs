using System.Collections.Concurrent;
using System.Net;
using Postern.Mail;
using Postern.Smtp.Server;
using Postern.Spool;

namespace Postern.Reception.Tests;

/// <summary>A reception with a real spool on disk, real sockets on loopback, and what it told.</summary>
internal sealed class Gateway : IAcceptedMail, IMailEventSink, IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("postern-reception-").FullName;

    private readonly SemaphoreSlim _published = new(0);

    private Gateway(ReceptionOptions options, TimeProvider time, ReverseLookup? lookup, Func<long>? freeOctets)
    {
        Spool = MailSpool.Open(
            new SpoolOptions(Path.Combine(_folder, "spool")) { FreeOctets = freeOctets }, time);
        Reception = new MailReception(options, Spool, this, this, time, lookup);
    }

    public MailSpool Spool { get; }

    public MailReception Reception { get; }

    public ConcurrentQueue<StoredMessage> Mail { get; } = new();

    public ConcurrentQueue<MailEvent> Events { get; } = new();

    public IPEndPoint Address => Reception.Listeners[0].Address;

    public static async Task<Gateway> StartAsync(
        ReceptionOptions? options = null, TimeProvider? time = null, ReverseLookup? lookup = null,
        Func<long>? freeOctets = null, TaskCompletionSource? room = null)
    {
        var gateway = new Gateway(options ?? Trusted(), time ?? TimeProvider.System, lookup, freeOctets)
        {
            Room = room ?? Roomy(),
        };
        Assert.Empty(await gateway.Reception.StartAsync());
        return gateway;
    }

    /// <summary>The client on loopback may relay.</summary>
    public static ReceptionOptions Trusted(Func<SmtpServerOptions, SmtpServerOptions>? change = null) =>
        Options(["127.0.0.0/8"], change);

    /// <summary>The client on loopback may send to example.com and below example.net only.</summary>
    public static ReceptionOptions Untrusted(Func<SmtpServerOptions, SmtpServerOptions>? change = null) =>
        Options(["10.0.0.0/8"], change);

    public static ListenerOptions Listener(string name, string[] relayFrom)
    {
        Assert.True(ClientNetworks.TryParse(relayFrom, out var networks, out _));
        string[] acceptFor = ["example.com", ".example.net", "bücher.example"];
        Assert.True(RecipientDomains.TryParse(acceptFor, out var domains, out _));
        return new ListenerOptions(name, new IPEndPoint(IPAddress.Loopback, 0))
        {
            RelayFrom = networks,
            AcceptFor = domains,
        };
    }

    private static ReceptionOptions Options(string[] relayFrom, Func<SmtpServerOptions, SmtpServerOptions>? change)
    {
        Assert.True(Domain.TryParse("gw.example.com", out var host));
        var smtp = new SmtpServerOptions { HostName = host };
        return new ReceptionOptions
        {
            Smtp = change?.Invoke(smtp) ?? smtp,
            Listeners = [Listener("incoming", relayFrom)],
        };
    }

    /// <summary>Ends the wait of those who are about to commit.</summary>
    public TaskCompletionSource Room { get; init; } = Roomy();

    /// <summary>Somebody is about to commit.</summary>
    public TaskCompletionSource RoomAsked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task RoomAsync()
    {
        RoomAsked.TrySetResult();
        return Room.Task;
    }

    private static TaskCompletionSource Roomy()
    {
        var room = new TaskCompletionSource();
        room.SetResult();
        return room;
    }

    public void Accepted(StoredMessage message) => Mail.Enqueue(message);

    public void Publish(MailEvent mailEvent)
    {
        Events.Enqueue(mailEvent);
        _published.Release();
    }

    public Task<TestClient> ConnectAsync() => TestClient.ConnectAsync(Address);

    public string ContentOf(Mid mid)
    {
        using var body = Spool.OpenBody(mid);
        var content = new MemoryStream();
        while (body.ReadNext() is { IsEmpty: false } piece) content.Write(piece.Span);
        return System.Text.Encoding.Latin1.GetString(content.ToArray());
    }

    /// <summary>Waits for something that comes with an event; each event looks again.</summary>
    public async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition()) await _published.WaitAsync(patience.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await Reception.DisposeAsync();
        await Spool.DisposeAsync();
        _published.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
