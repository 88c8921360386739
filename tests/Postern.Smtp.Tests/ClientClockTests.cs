using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using Postern.Smtp.Client;
using Postern.TestHosts;
using static Postern.Smtp.Tests.ClientFixture;

namespace Postern.Smtp.Tests;

/// <summary>RFC 5321 §4.5.3.2, CL13: every stage has its time-out, on a clock that the test moves.</summary>
public sealed class ClientClockTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch);
    private readonly ReplyPulse _pulse = new();

    public static TheoryData<string, SmtpStage, int> Stages => new()
    {
        { "", SmtpStage.Banner, 300 },
        { "EHLO", SmtpStage.Ehlo, 300 },
        { "MAIL", SmtpStage.Mail, 300 },
        { "RCPT", SmtpStage.Rcpt, 300 },
        { "DATA", SmtpStage.Data, 120 },
        { "content", SmtpStage.Content, 180 },
        { ".", SmtpStage.FinalDot, 600 },
    };

    [Theory]
    [MemberData(nameof(Stages))]
    public async Task CL13_A_silent_host_is_left_at_the_time_out_of_the_stage_and_not_before(
        string silent, SmtpStage stage, int seconds)
    {
        await using var session = Over(Talk(silent));
        var fault = FaultOf(session);
        _time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
        Assert.False(fault.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(2));
        var broke = await fault.WaitAsync(Cancelled);
        Assert.Equal(stage, broke.Stage);
        Assert.Equal(SmtpFaultKind.TimedOut, broke.Kind);
        Assert.Contains($"{seconds} seconds", broke.Details, StringComparison.Ordinal);
    }

    [Fact]
    public async Task D14_A_reply_that_trickles_in_has_one_time_out_for_all_of_it()
    {
        var talk = Talk("");
        await using var session = Over(talk);
        var opening = session.OpenAsync(Cancelled).AsTask();
        foreach (var octet in "220-a\r\n220-b\r\n")
        {
            talk.Raw($"{octet}");
            _time.Advance(TimeSpan.FromSeconds(20));
        }

        Assert.False(opening.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(21));
        Assert.Equal(SmtpFaultKind.TimedOut, (await opening.WaitAsync(Cancelled)).Fault!.Kind);
        Assert.Equal(0, _pulse.LastReply);
    }

    [Fact]
    public async Task An_unanswered_dot_has_its_time_and_is_a_fault_at_the_dot()
    {
        await using var session = Over(Talk("."));
        Assert.True((await session.OpenAsync(Cancelled)).IsReady);
        _time.Advance(TimeSpan.FromSeconds(7));
        var sending = session.SendAsync(Message(), Cancelled).AsTask();
        _time.Advance(TimeSpan.FromMinutes(11));
        var report = await sending.WaitAsync(Cancelled);
        Assert.Equal(SmtpStage.FinalDot, report.Fault!.Stage);
        Assert.Equal(DateTimeOffset.UnixEpoch.AddSeconds(7), report.DotWritten);
        Assert.Null(report.FinalDot);
        Assert.False(report.IsUsable);
    }

    [Fact]
    public async Task A_time_out_of_one_reply_does_not_shorten_the_next()
    {
        var talk = Talk("RCPT");
        await using var session = Over(talk);
        Assert.True((await session.OpenAsync(Cancelled)).IsReady);
        var sending = session.SendAsync(Message(), Cancelled).AsTask();
        for (var i = 0; i < 3; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(119));
            Assert.False(sending.IsCompleted);
            if (i != 1) continue;
            talk.Say("250 2.1.5 ok");
            await PulseAsync(() => talk.IsAwaited);
        }

        // 119 of the 120 seconds for the 354 have passed since the reply to RCPT.
        talk.Say("354 go on");
        await PulseAsync(() => _pulse.AfterDot && talk.IsAwaited);
        _time.Advance(TimeSpan.FromSeconds(599));
        talk.Say("250 2.0.0 accepted");
        Assert.Equal(250, (await sending.WaitAsync(Cancelled)).FinalDot!.Code);
    }

    [Fact]
    public async Task Many_transactions_share_one_timer_and_none_ends_another()
    {
        await using var host = ScriptedHost.Start();
        await using var session = await OpenAsync(host, _time);
        for (var i = 0; i < 50; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(100));
            Assert.Equal(250, (await session.SendAsync(Message(), Cancelled)).FinalDot!.Code);
        }

        Assert.Equal(1, host.Connections);
    }

    [Fact]
    public async Task The_pulse_says_since_when_a_reply_is_owed_and_which()
    {
        var talk = Talk("MAIL");
        await using var session = Over(talk);
        var second = TimeSpan.FromSeconds(1).Ticks;
        var start = _time.GetTimestamp();
        Assert.Equal(start, _pulse.OwesSince);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True((await session.OpenAsync(Cancelled)).IsReady);
        Assert.Equal(0, _pulse.OwesSince);
        Assert.Equal(start + second, _pulse.LastReply);

        _time.Advance(TimeSpan.FromSeconds(1));
        var sending = session.SendAsync(Message(), Cancelled).AsTask();
        Assert.Equal(start + (2 * second), _pulse.OwesSince);
        Assert.False(_pulse.AfterDot);
        _time.Advance(TimeSpan.FromSeconds(1));
        talk.Say("250 2.1.0 ok");
        await PulseAsync(() => _pulse.LastReply == start + (3 * second));
        // RCPT and DATA, which went out in the same group, are owed from now on.
        Assert.Equal(start + (3 * second), _pulse.OwesSince);
        talk.Say("250 2.1.5 ok\n354 go on");
        await PulseAsync(() => _pulse.AfterDot);
        Assert.Equal(start + (3 * second), _pulse.OwesSince);
        talk.Say("250 2.0.0 accepted");
        await sending.WaitAsync(Cancelled);
        Assert.Equal(0, _pulse.OwesSince);
    }

    [Fact]
    public async Task QUIT_waits_five_seconds_and_never_fails()
    {
        var talk = Talk("QUIT");
        await using var session = Over(talk);
        Assert.True((await session.OpenAsync(Cancelled)).IsReady);
        var quitting = session.QuitAsync().AsTask();
        Assert.EndsWith("QUIT\r\n", talk.Written.ToString(), StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.False(quitting.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(2));
        await quitting.WaitAsync(Cancelled);
        await session.QuitAsync();
    }

    [Fact]
    public async Task A_connect_that_is_not_answered_times_out_in_the_words_of_the_log()
    {
        // A listener whose backlog is full lets the kernel drop the next SYN.
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        var attempts = Enumerable.Range(0, 4).Select(_ => SmtpClientSession.ConnectAsync(
            (IPEndPoint)listener.LocalEndPoint!, null, Options, _time, new ReplyPulse(), Cancelled).AsTask()).ToArray();
        _time.Advance(TimeSpan.FromSeconds(31));
        var ends = await Task.WhenAll(attempts).WaitAsync(Cancelled);
        foreach (var (session, _) in ends)
        {
            if (session is not null) await session.DisposeAsync();
        }

        Assert.Contains(
            new SmtpFault(SmtpStage.Connect, SmtpFaultKind.TimedOut, "[Errno 110] Connection timed out"),
            ends.Select(end => end.Fault));
    }

    private SmtpClientSession Over(ClientTalkStream talk) =>
        SmtpClientSession.Over(talk, IPAddress.Loopback, Options, _time, _pulse);

    /// <summary>A host that says nothing from one stage on; "" is the banner.</summary>
    private static ClientTalkStream Talk(string silent)
    {
        var mute = false;
        return new ClientTalkStream(silent.Length == 0 ? null : "220 host", line =>
        {
            var verb = line.Split(' ')[0];
            mute |= verb == silent;
            return mute ? null : verb switch
            {
                "EHLO" => "250-host\n250 PIPELINING",
                "DATA" => "354 go on",
                _ => "250 ok",
            };
        })
        { StandsStillBehind354 = silent == "content" };
    }

    /// <summary>Waits for the session, on another thread, to get to where the test moves the clock.</summary>
    private static async Task PulseAsync(Func<bool> condition)
    {
        while (!condition())
        {
            Cancelled.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static async Task<SmtpFault> FaultOf(SmtpClientSession session)
    {
        var opening = await session.OpenAsync(Cancelled);
        if (opening.Fault is not null) return opening.Fault;
        return (await session.SendAsync(Message(new byte[100_000]), Cancelled)).Fault!;
    }
}
