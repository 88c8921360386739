namespace Postern.Mail.Dsn;

/// <summary>A part of a report: its Content-Type, its Content-Transfer-Encoding and its octets. Immutable.</summary>
internal sealed record ReportPart(string Type, string Encoding, ReadOnlyMemory<byte> Octets);
