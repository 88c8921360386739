using Postern.Mail;

namespace Postern.Spool;

/// <summary>The record of a recipient: its state, or that it has a final result.</summary>
internal static class StateCodec
{
    private const byte Version = 1;
    private const byte FinishedVersion = 0;

    [Flags]
    private enum Fields
    {
        None = 0,
        Due = 1,
        Uncertainty = 2,
        Redirect = 4,
        Warned = 8,
        All = 15,
    }

    /// <summary>The record of a recipient that has a final result while others of its message have none.</summary>
    public static ReadOnlySpan<byte> Finished => [FinishedVersion];

    /// <summary>
    /// Writes a state; attempts beyond <see cref="RecipientState.MaxAttempts"/> are left out, the oldest first.
    /// </summary>
    public static void Write(RecordWriter to, RecipientState state)
    {
        to.Byte(Version);
        to.Byte((byte)((state.Due is null ? Fields.None : Fields.Due)
            | (state.Uncertainty is null ? Fields.None : Fields.Uncertainty)
            | (state.Redirect is null ? Fields.None : Fields.Redirect)
            | (state.IsWarned ? Fields.Warned : Fields.None)));
        to.Number(state.Rounds);
        to.Byte((byte)state.Reason);
        if (state.Due is { } due)
            to.Time(due);
        if (state.Uncertainty is { } doubt)
        {
            to.Text(doubt.Host);
            to.Text(doubt.Address);
            to.Number(doubt.Port);
            to.Number(doubt.Times);
            to.Time(doubt.DotWritten);
        }
        if (state.Redirect is { } redirect)
            to.Text(redirect);
        var first = Math.Max(0, state.Attempts.Count - RecipientState.MaxAttempts);
        to.Number(state.Attempts.Count - first);
        for (var i = first; i < state.Attempts.Count; i++)
            WriteAttempt(to, state.Attempts[i]);
    }

    /// <summary>Reads a record.</summary>
    /// <param name="record">What <see cref="Write"/> wrote, or <see cref="Finished"/>.</param>
    /// <param name="state">The state; null for a recipient with a final result.</param>
    /// <returns>False when it is damaged or of a version that is not known.</returns>
    public static bool Read(ReadOnlySpan<byte> record, out RecipientState? state)
    {
        state = null;
        if (record.SequenceEqual(Finished))
            return true;
        var reader = new RecordReader(record);
        if (reader.Byte() != Version)
            return false;
        var fields = (Fields)reader.Byte();
        var read = new RecipientState
        {
            Rounds = (int)reader.Number(int.MaxValue),
            Reason = (WaitReason)reader.Byte(),
            Due = fields.HasFlag(Fields.Due) ? reader.Time() : null,
            Uncertainty = fields.HasFlag(Fields.Uncertainty) ? ReadUncertainty(ref reader) : null,
            Redirect = fields.HasFlag(Fields.Redirect) ? reader.Text() : null,
            IsWarned = fields.HasFlag(Fields.Warned),
            Attempts = ReadAttempts(ref reader),
        };
        if (!reader.EndedWell || fields > Fields.All || read.Reason > WaitReason.Content)
            return false;
        state = read;
        return true;
    }

    private static StoredUncertainty ReadUncertainty(ref RecordReader reader) =>
        new(reader.Text(), reader.Text(), (int)reader.Number(ushort.MaxValue), (int)reader.Number(int.MaxValue),
            reader.Time());

    private static StoredAttempt[] ReadAttempts(ref RecordReader reader)
    {
        var attempts = new StoredAttempt[(int)reader.Number(RecipientState.MaxAttempts)];
        for (var i = 0; i < attempts.Length; i++)
        {
            attempts[i] = new StoredAttempt(reader.Time(), reader.Text(), reader.Text(), new Dcid(reader.Number()),
                reader.Text(), (int)reader.Number(int.MaxValue), reader.Text());
        }
        return attempts;
    }

    private static void WriteAttempt(RecordWriter to, StoredAttempt attempt)
    {
        to.Time(attempt.At);
        to.Text(attempt.Host);
        to.Text(attempt.Address);
        to.Number(attempt.Dcid.Value);
        to.Text(attempt.Stage);
        to.Number(attempt.Code);
        to.Text(attempt.Text);
    }
}
