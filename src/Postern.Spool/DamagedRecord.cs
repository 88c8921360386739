using Postern.Mail;

namespace Postern.Spool;

/// <summary>
/// A message whose records cannot be read; it stays on disk untouched and is not delivered. Immutable.
/// </summary>
/// <param name="Mid">The message.</param>
/// <param name="Reason">What is wrong with which record.</param>
public sealed record DamagedRecord(Mid Mid, string Reason);
