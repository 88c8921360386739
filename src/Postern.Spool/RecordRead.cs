namespace Postern.Spool;

/// <summary>
/// Copies the front of a record, as much as fits, and returns the length of all of it; -1: there is none.
/// </summary>
internal delegate int RecordRead(ReadOnlySpan<byte> key, Span<byte> to);
