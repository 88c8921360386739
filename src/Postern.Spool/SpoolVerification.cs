using Postern.Mail;

namespace Postern.Spool;

/// <summary>
/// Checks every record of a store against every other: message against recipients, states and body, and all of them
/// against the ids that are reserved. Once only; memory is a few dozen octets for each message.
/// </summary>
internal sealed class SpoolVerification(RocksStore store, IReadOnlyList<Mid> refused, Action<long>? progress)
{
    private const int RecordsAStep = 10_000;
    private const string NotDelivered = "it is not delivered and stays on the disk";
    private const string Held = "it is held: its content cannot be sent";
    private const string Unused = "it takes room and does no harm";

    private readonly List<SpoolFault> _faults = [];
    private readonly Dictionary<Mid, BodySize> _bodies = [];
    private readonly HashSet<Mid> _uploads = [];
    private readonly HashSet<Mid> _inDoubt = [];
    private StoredMessage? _message;
    private HashSet<Rid> _unfinished = [];
    private (Mid Mid, int Chunks, long Octets)? _body;
    private Mid _highest;
    private long _faultCount;
    private long _records;
    private long _messages;
    private long _recipients;
    private long _octets;

    /// <summary>Reads everything.</summary>
    public SpoolReport Run()
    {
        ReadIds();
        Scan(KeyLayout.FirstMessage, KeyLayout.AfterMessages, TakeMessage, EndMessage);
        Scan(KeyLayout.FirstUpload, KeyLayout.AfterUploads, (key, _) => _uploads.Add(KeyLayout.MidOf(key)), () => { });
        Scan(KeyLayout.FirstBody, KeyLayout.AfterBodies, TakeChunk, EndBody);
        foreach (var (mid, body) in _bodies.Where(left => left.Value.Chunks > 0))
            Fault(mid, $"its body of {body.Octets} octets is lost", Held);
        return new SpoolReport
        {
            Messages = _messages,
            Recipients = _recipients,
            Octets = _octets,
            Uploads = _uploads.Count,
            Refused = refused.Count,
            FaultCount = _faultCount,
            Faults = _faults,
        };
    }

    private void ReadIds()
    {
        try
        {
            _highest = new Mid(IdReservation.Read(store, IdKind.Mid));
        }
        catch (SpoolException e)
        {
            _highest = new Mid(long.MaxValue - 1);
            Fault(null, e.Message, "the gateway does not start");
        }
        Span<byte> version = stackalloc byte[1];
        if (store.Read(KeyLayout.Store, version) >= 0 && version[0] != StoreOpening.FormatVersion)
            Fault(null, $"it has format {version[0]}", "this gateway does not start on it");
    }

    private void Scan(ReadOnlySpan<byte> from, ReadOnlySpan<byte> end, Action<byte[], byte[]> take, Action ended)
    {
        var scan = new SteppingScan(
            (first, behind, step) => store.Scan(first, behind, step), () => _highest, (first, last, reason) =>
            {
                _inDoubt.Add(first);
                (_message, _body) = (null, null);
                _bodies.Remove(first);
                Fault(first, first == last ? reason : $"{reason}; MID {first} to {last} are affected", NotDelivered);
            });
        scan.Read(from.ToArray(), end.ToArray(), (key, value) =>
        {
            if (++_records % RecordsAStep == 0) progress?.Invoke(_records);
            take(key.ToArray(), value.ToArray());
            return true;
        });
        ended();
    }

    private void TakeMessage(byte[] key, byte[] value)
    {
        var mid = KeyLayout.MidOf(key);
        if (KeyLayout.IsEnvelope(key))
        {
            EndMessage();
            BeginMessage(mid, value);
        }
        else if (_message?.Mid == mid)
        {
            TakeState(mid, KeyLayout.RidOf(key), value);
        }
        else if (_inDoubt.Add(mid))
        {
            Fault(mid, "the record of the message is lost, that of a recipient is there", NotDelivered);
        }
    }

    private void BeginMessage(Mid mid, byte[] value)
    {
        _message = MessageCodec.Read(mid, value);
        if (_message is null || !MessageCodec.ReadHead(value, out var body, out var ridEnd))
        {
            _message = null;
            _inDoubt.Add(mid);
            Fault(mid, "the record of the message is damaged", NotDelivered);
            return;
        }
        _bodies[mid] = body;
        _unfinished = [.. _message.Recipients.Select(recipient => recipient.Recipient.Rid)];
        if (_unfinished.Count != _message.Recipients.Count || _unfinished.Any(rid => rid.Value >= ridEnd))
            Fault(mid, "its recipients have RIDs twice or above the highest", NotDelivered);
        if (_message.Size != body.Octets)
            Fault(mid, $"its size is {_message.Size}, that of its body {body.Octets} octets", Held);
        if (mid.Value > _highest.Value)
            Fault(mid, $"MIDs are reserved up to {_highest} only", "a new message may get its MID");
    }

    private void TakeState(Mid mid, Rid rid, byte[] value)
    {
        if (!StateCodec.Read(value, out var state))
        {
            _message = null;
            _inDoubt.Add(mid);
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

    private void TakeChunk(byte[] key, byte[] value)
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
            return;
        }
        // What follows a piece that is missing is no better for being there.
        _body = (mid, int.MinValue, 0);
    }

    private void EndBody()
    {
        if (_body is not { } found) return;
        _body = null;
        if (_bodies.Remove(found.Mid, out var body))
        {
            if (found.Chunks != body.Chunks || found.Octets != body.Octets)
                Fault(found.Mid, $"its body has not the {body.Octets} octets in {body.Chunks} pieces it should", Held);
        }
        else if (!_uploads.Contains(found.Mid) && !_inDoubt.Contains(found.Mid))
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
