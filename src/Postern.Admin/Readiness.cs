namespace Postern.Admin;

/// <summary>
/// Whether mail can be taken: the spool is open, every listener is bound, and the disk has more room than
/// <c>free_space_soft</c>, below which <c>MAIL</c> is answered 452.
/// </summary>
public sealed record Readiness(bool SpoolOpen, bool ListenersBound, bool HasRoom)
{
    /// <summary>True when all hold.</summary>
    public bool IsReady => SpoolOpen && ListenersBound && HasRoom;
}
