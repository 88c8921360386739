namespace Postern.Admin;

/// <summary>Whether mail can be taken: the spool is open and every listener is bound.</summary>
public sealed record Readiness(bool SpoolOpen, bool ListenersBound)
{
    /// <summary>True when both hold.</summary>
    public bool IsReady => SpoolOpen && ListenersBound;
}
