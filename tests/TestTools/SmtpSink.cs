using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace TestTools;

/// <summary>
/// smtp-sink in a process of its own. Its counter (-c) goes up with every final dot that it reads. -M is not used: with
/// it the sink leaves before its last reply.
/// </summary>
internal sealed partial class SmtpSink : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Child _child;
    private readonly Task _reader;
    private readonly Lock _gate = new();
    private TaskCompletionSource _grown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _messages;

    private SmtpSink(Child child, int port)
    {
        _child = child;
        Port = port;
        _reader = ReadCounterAsync();
    }

    public int Port { get; }

    public int Messages => Volatile.Read(ref _messages);

    public static async Task<SmtpSink> StartAsync(CancellationToken cancel)
    {
        var port = FreePort();
        // As root it wants a user to become.
        string[] user = Environment.IsPrivilegedProcess ? ["-u", "nobody"] : [];
        var child = Child.Start("smtp-sink", [.. user, "-c", "-m", "2000", $"127.0.0.1:{port}", "2000"]);
        await Connectable.WaitAsync(port, cancel);
        return new SmtpSink(child, port);
    }

    /// <summary>A port of loopback that nobody listens on.</summary>
    public static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    /// <summary>Waits until so many messages were counted; a minute without a further one is an error.</summary>
    public async Task WaitForAsync(int messages, CancellationToken cancel)
    {
        while (Messages < messages)
        {
            Task grown;
            lock (_gate)
            {
                grown = _grown.Task;
            }

            if (Messages >= messages)
            {
                return;
            }

            try
            {
                await grown.WaitAsync(Patience, cancel);
            }
            catch (TimeoutException)
            {
                throw new RunException($"the sink counted {Messages} of {messages} messages, and then none");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _child.DisposeAsync();
        await _reader;
    }

    private async Task ReadCounterAsync()
    {
        // The sink writes "sess=1 quit=0 mesg=1\r" again and again; a buffer may end within a number, so that only
        // lines that are complete count.
        var buffer = new char[4096];
        var rest = "";
        int read;
        while ((read = await _child.Output.ReadAsync(buffer)) > 0)
        {
            var text = rest + new string(buffer, 0, read);
            var end = text.LastIndexOf('\r');
            rest = text[(end + 1)..];
            if (end >= 0 && Counter().Matches(text[..(end + 1)]) is [.., var last])
            {
                Volatile.Write(ref _messages, int.Parse(last.Groups[1].ValueSpan, CultureInfo.InvariantCulture));
                Grown();
            }
        }
    }

    private void Grown()
    {
        TaskCompletionSource old;
        lock (_gate)
        {
            old = _grown;
            _grown = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        old.SetResult();
    }

    [GeneratedRegex(@"mesg=(\d+)\r")]
    private static partial Regex Counter();
}
