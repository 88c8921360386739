namespace Postern.Spool;

/// <summary>Takes one record of a scan; the spans are valid during the call. Returns false to end the scan.</summary>
internal delegate bool ScanStep(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value);
