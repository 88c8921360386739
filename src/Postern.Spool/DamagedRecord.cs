using Postern.Mail;

namespace Postern.Spool;

/// <summary>
/// Messages whose records cannot be read; they stay on disk untouched and are not delivered. Immutable.
/// </summary>
/// <param name="Mid">The message, or the first of them.</param>
/// <param name="Count">How many MIDs are in doubt, from this one on: no more messages than that.</param>
/// <param name="Reason">What is wrong with which record.</param>
public sealed record DamagedRecord(Mid Mid, long Count, string Reason);
