namespace Postern.Smtp.Client;

/// <summary>
/// When a connection last began to owe a reply and when it last replied, in ticks of <see
/// cref="TimeProvider.GetTimestamp"/>.
/// Written by the session, read by the scheduler at any time from another thread (contract §3, choosing, 3).
/// </summary>
public sealed class ReplyPulse
{
    private long _owesSince;
    private long _lastReply;
    private int _afterDot;

    /// <summary>Since when a reply is owed; 0: none is.</summary>
    public long OwesSince => Volatile.Read(ref _owesSince);
    /// <summary>When the last reply came; 0: none yet.</summary>
    public long LastReply => Volatile.Read(ref _lastReply);
    /// <summary>The reply that is owed is the one to the final dot.</summary>
    public bool AfterDot => Volatile.Read(ref _afterDot) != 0;

    /// <summary>A reply is owed from now on; a reply that is owed already keeps its time.</summary>
    public void Owe(long timestamp, bool afterDot)
    {
        Volatile.Write(ref _afterDot, afterDot ? 1 : 0);
        if (afterDot || Volatile.Read(ref _owesSince) == 0) Volatile.Write(ref _owesSince, timestamp);
    }

    /// <summary>A reply came. <paramref name="stillOwed"/>: more of a pipelined group are due.</summary>
    public void Replied(long timestamp, bool stillOwed)
    {
        Volatile.Write(ref _lastReply, timestamp);
        Volatile.Write(ref _owesSince, stillOwed ? timestamp : 0);
    }
}
