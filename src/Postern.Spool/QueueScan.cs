using Postern.Mail;

namespace Postern.Spool;

/// <summary>
/// Reads the queue page by page, so that the store is held for the length of a page only. The records of one message
/// are always of one instant. For one thread.
/// </summary>
internal sealed class QueueScan(Func<RocksStore?> store, Action<DamagedRecord> damaged)
{
    // Few, so that what is read and forgotten is garbage of the youngest kind.
    private const int RecipientsAPage = 256;

    private readonly List<StoredMessage> _page = new();
    private int _recipients;
    private readonly List<(Rid Rid, RecipientState? State)> _states = new();
    private StoredMessage? _current;
    private Mid? _broken;
    private byte[]? _next;
    private byte[] _end = [];

    /// <summary>The messages of a range, by MID, both ends included.</summary>
    /// <exception cref="SpoolException">The store is closed or cannot be read.</exception>
    public IEnumerable<StoredMessage> Read(Mid first, Mid last)
    {
        _next = KeyOf(first);
        _end = last.Value == long.MaxValue ? KeyLayout.AfterMessages.ToArray() : KeyOf(new Mid(last.Value + 1));
        while (_next is not null)
        {
            ReadPage();
            foreach (var message in _page)
                yield return message;
        }
    }

    private static byte[] KeyOf(Mid mid) =>
        KeyLayout.MessageRange(new byte[KeyLayout.MaxLength], mid).ToArray();

    private void ReadPage()
    {
        _page.Clear();
        _recipients = 0;
        var from = _next!;
        _next = null;
        new SteppingScan((first, end, take) => MailSpool.Scan(store(), first, end, take),
            (key, to) => MailSpool.Read(store(), key, to), Highest, StepOver)
            .Read(from, _end, Take);
        Finish();
    }

    private bool Take(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var mid = KeyLayout.MidOf(key);
        if (KeyLayout.IsEnvelope(key))
        {
            Finish();
            if (_recipients >= RecipientsAPage)
            {
                _next = key.ToArray();
                return false;
            }
            _current = MessageCodec.Read(mid, value);
            if (_current is null)
                Report(mid, "the record of the message is damaged");
        }
        else if (_current?.Mid == mid)
        {
            if (StateCodec.Read(value, out var state))
                _states.Add((KeyLayout.RidOf(key), state));
            else
                Report(mid, $"the state of RID {KeyLayout.RidOf(key)} is damaged");
        }
        else if (_broken != mid)
        {
            // The message before has nothing to do with it.
            Finish();
            Report(mid, "the record of the message is lost, that of a recipient is there");
        }
        return true;
    }

    /// <summary>A message with anything in doubt is left alone: to deliver it could double it.</summary>
    private void Report(Mid mid, string reason) => Report(mid, mid, reason);

    private void Report(Mid mid, Mid last, string reason)
    {
        (_current, _broken) = (null, mid);
        _states.Clear();
        damaged(new DamagedRecord(mid, last.Value - mid.Value + 1, reason));
    }

    private void StepOver(Mid first, Mid last, string reason)
    {
        // The message before is whole, unless it is the first of them.
        if (_current is { } whole && whole.Mid.CompareTo(first) < 0) Finish();
        Report(first, last, first == last ? reason : $"{reason}; MID {first} to {last} are affected");
    }

    private Mid Highest() => HighestMid.Used(
        end => MailSpool.LastKey(store(), end), (key, to) => MailSpool.Read(store(), key, to));

    private void Finish()
    {
        if (_current is { } message)
        {
            _page.Add(_states.Count == 0 ? message : message with { Recipients = Merge(message.Recipients) });
            // The message itself counts, too: one may have no recipient left.
            _recipients += 1 + message.Recipients.Count;
        }
        _current = null;
        _states.Clear();
    }

    private List<StoredRecipient> Merge(IReadOnlyList<StoredRecipient> recipients)
    {
        var left = new List<StoredRecipient>(recipients.Count);
        var states = _states.ToDictionary(entry => entry.Rid, entry => entry.State);
        foreach (var recipient in recipients)
        {
            if (!states.TryGetValue(recipient.Recipient.Rid, out var state))
                left.Add(recipient);
            else if (state is not null)
                left.Add(recipient with { State = state });
        }
        return left;
    }
}
