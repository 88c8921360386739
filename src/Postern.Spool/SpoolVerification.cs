using Postern.Mail;

namespace Postern.Spool;

/// <summary>
/// Checks every record of a store against every other: message against recipients, states and body, and all of them
/// against the ids that are reserved. A thousand messages at a time, with what stands beside them, so that memory does
/// not depend on how many there are. Once only.
/// </summary>
internal sealed class SpoolVerification(
    StoreView view, IReadOnlyList<Mid> refused, Action<long>? progress, CancellationToken cancellationToken)
{
    private const int MessagesAStep = 1000;
    private const int RecordsATold = 10_000;
    private const int RecordsAtOnce = 100;
    private const string NotDelivered = "it is not delivered and stays on the disk";
    private const string TwinLeft = "that one is used, and the next start writes both";
    private const string Unused = "it takes room and does no harm";

    private readonly List<SpoolFault> _faults = [];
    // Of the messages of this step: what their bodies must be, which bodies come in, and which messages are in doubt.
    private readonly Dictionary<Mid, BodySize> _bodies = [];
    private readonly HashSet<Mid> _uploads = [];
    private readonly List<(Mid First, Mid Last)> _inDoubt = [];
    private StoredMessage? _message;
    private HashSet<Rid> _unfinished = [];
    private (Mid Mid, int Chunks, long Octets)? _body;
    private Mid? _next;
    private Mid _highest = new(long.MaxValue);
    private string? _twinDamage;
    private int _messagesOfStep;
    private long _uploadCount;
    private long _faultCount;
    private long _records;
    private long _messages;
    private long _recipients;
    private long _octets;

    /// <summary>Reads everything.</summary>
    /// <exception cref="SpoolException">The store was closed meanwhile.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public SpoolReport Run()
    {
        ReadIds();
        for (Mid? first = default(Mid); first is { } mid; first = _next) CheckFrom(mid);
        return new SpoolReport
        {
            Messages = _messages,
            Recipients = _recipients,
            Octets = _octets,
            Uploads = _uploadCount,
            Refused = refused.Count,
            FaultCount = _faultCount,
            Faults = _faults,
        };
    }

    // The messages from a MID on, and whatever else there is of these MIDs.
    private void CheckFrom(Mid first)
    {
        _next = null;
        _messagesOfStep = 0;
        _inDoubt.Clear();
        Scan(Key(KeyLayout.MessageRange, first), KeyLayout.AfterMessages.ToArray(), TakeMessage, DoubtMessages);
        EndMessage();

        _uploads.Clear();
        Scan(Key(KeyLayout.Upload, first), EndOf(KeyLayout.Upload, KeyLayout.AfterUploads), (key, _) =>
            _uploads.Add(KeyLayout.MidOf(key)), DoubtMessages);
        _uploadCount += _uploads.Count;

        Scan(
            Key(KeyLayout.BodyRange, first), EndOf(KeyLayout.BodyRange, KeyLayout.AfterBodies), TakeChunk, DoubtBodies);
        EndBody();
        foreach (var (mid, body) in _bodies.Where(left => left.Value.Chunks > 0 && !IsInDoubt(left.Key)))
            Fault(mid, $"its body of {body.Octets} octets is lost", SpoolFault.Held);
        _bodies.Clear();
    }

    private delegate ReadOnlySpan<byte> KeyOf(Span<byte> key, Mid mid);

    private static byte[] Key(KeyOf of, Mid mid) => of(new byte[KeyLayout.MaxLength], mid).ToArray();

    private byte[] EndOf(KeyOf of, ReadOnlySpan<byte> after) => _next is { } next ? Key(of, next) : after.ToArray();

    private void ReadIds()
    {
        try
        {
            foreach (var kind in Enum.GetValues<IdKind>())
            {
                var last = IdReservation.Read(view.Read, kind, TwinDamaged);
                if (kind == IdKind.Mid) _highest = new Mid(last);
            }
            Span<byte> version = stackalloc byte[1];
            if (TwinRecord.TryRead(view.Read, KeyLayout.Store, version, TwinDamaged)
                && version[0] != StoreOpening.FormatVersion)
            {
                Fault(null, $"it has format {version[0]}", "this gateway does not start on it");
            }
        }
        catch (UnreadableException e)
        {
            Fault(null, e.Message, "the gateway does not start");
        }
        if (_twinDamage is { } damage)
            Fault(null, $"format and ids can be read at one of their two places only: {damage}", TwinLeft);
    }

    private void TwinDamaged(string reason) => _twinDamage ??= reason;

    private void Scan(byte[] from, byte[] end, ScanStep take, Action<Mid, Mid, string> doubt) =>
        new SteppingScan(view.Scan, view.Read, Highest, doubt).Read(from, end, (key, value) =>
        {
            if (++_records % RecordsAtOnce == 0) cancellationToken.ThrowIfCancellationRequested();
            if (_records % RecordsATold == 0) progress?.Invoke(_records);
            return take(key, value);
        });

    private Mid Highest() => HighestMid.Used(view.LastKey, view.Read);

    // What is read before a doubt is whole, unless it is the first of those in doubt.
    private void DoubtMessages(Mid first, Mid last, string reason)
    {
        if (_message?.Mid.CompareTo(first) < 0) EndMessage();
        _message = null;
        _bodies.Remove(first);
        NoteDoubt(first, last, reason, NotDelivered);
    }

    private void DoubtBodies(Mid first, Mid last, string reason)
    {
        if (_body?.Mid.CompareTo(first) < 0) EndBody();
        _body = null;
        NoteDoubt(first, last, reason, SpoolFault.Held);
    }

    private void NoteDoubt(Mid first, Mid last, string reason, string consequence)
    {
        // A block may hold messages and bodies, and is met by the reading of both.
        if (IsInDoubt(first, last)) return;
        _inDoubt.Add((first, last));
        Fault(first, first == last ? reason : $"{reason}; MID {first} to {last} are affected", consequence);
    }

    private bool IsInDoubt(Mid mid) => IsInDoubt(mid, mid);

    private bool IsInDoubt(Mid first, Mid last) =>
        _inDoubt.Exists(doubt => doubt.First.CompareTo(first) <= 0 && doubt.Last.CompareTo(last) >= 0);

    private bool TakeMessage(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var mid = KeyLayout.MidOf(key);
        if (KeyLayout.IsEnvelope(key))
        {
            EndMessage();
            if (++_messagesOfStep > MessagesAStep)
            {
                _next = mid;
                return false;
            }
            BeginMessage(mid, value);
        }
        else if (_message?.Mid == mid)
        {
            TakeState(mid, KeyLayout.RidOf(key), value);
        }
        else if (!IsInDoubt(mid))
        {
            _inDoubt.Add((mid, mid));
            Fault(mid, "the record of the message is lost, that of a recipient is there", NotDelivered);
        }
        return true;
    }

    private void BeginMessage(Mid mid, ReadOnlySpan<byte> value)
    {
        _message = MessageCodec.Read(mid, value);
        if (_message is null || !MessageCodec.ReadHead(value, out var body, out var ridEnd))
        {
            _message = null;
            _inDoubt.Add((mid, mid));
            Fault(mid, "the record of the message is damaged", NotDelivered);
            return;
        }
        _bodies[mid] = body;
        _unfinished = [.. _message.Recipients.Select(recipient => recipient.Recipient.Rid)];
        if (_unfinished.Count != _message.Recipients.Count || _unfinished.Any(rid => rid.Value >= ridEnd))
            Fault(mid, "its recipients have RIDs twice or above the highest", NotDelivered);
        if (_message.Size != body.Octets)
            Fault(mid, $"its size is {_message.Size}, that of its body {body.Octets} octets", SpoolFault.Held);
        if (mid.Value > _highest.Value)
            Fault(mid, $"MIDs are reserved up to {_highest} only", "a new message may get its MID");
    }

    private void TakeState(Mid mid, Rid rid, ReadOnlySpan<byte> value)
    {
        if (!StateCodec.Read(value, out var state))
        {
            _message = null;
            _inDoubt.Add((mid, mid));
            Fault(mid, $"the state of RID {rid} is damaged", NotDelivered);
            return;
        }
        if (_message!.Recipients.All(recipient => recipient.Recipient.Rid != rid))
            Fault(mid, $"there is a state of RID {rid}, and no such recipient", Unused);
        if (state is null) _unfinished.Remove(rid);
    }

    private void EndMessage()
    {
        if (_message is not { } message) return;
        _message = null;
        _messages++;
        _recipients += _unfinished.Count;
        if (_unfinished.Count == 0) Fault(message.Mid, "no recipient is left, and the message is still there", Unused);
    }

    private bool TakeChunk(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var (mid, chunk) = (KeyLayout.MidOf(key), KeyLayout.ChunkOf(key));
        if (_body?.Mid != mid)
        {
            EndBody();
            _body = (mid, 0, 0);
        }
        var body = _body!.Value;
        _octets += value.Length;
        if (chunk == body.Chunks)
        {
            _body = (mid, chunk + 1, body.Octets + value.Length);
            return true;
        }
        // What follows a piece that is missing is no better for being there.
        _body = (mid, int.MinValue, 0);
        return true;
    }

    private void EndBody()
    {
        if (_body is not { } found) return;
        _body = null;
        if (_bodies.Remove(found.Mid, out var body))
        {
            if (found.Chunks != body.Chunks || found.Octets != body.Octets)
            {
                Fault(found.Mid, $"its body has not the {body.Octets} octets in {body.Chunks} pieces it should",
                    SpoolFault.Held);
            }
        }
        else if (!_uploads.Contains(found.Mid) && !IsInDoubt(found.Mid))
        {
            Fault(found.Mid, "there is a body, and no message that it belongs to", Unused);
        }
    }

    private void Fault(Mid? mid, string reason, string consequence)
    {
        _faultCount++;
        if (_faults.Count < SpoolReport.MaxFaults) _faults.Add(new SpoolFault(mid, reason, consequence));
    }
}
