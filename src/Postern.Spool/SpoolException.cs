namespace Postern.Spool;

/// <summary>The store cannot do what was asked; the message says what and why.</summary>
public class SpoolException : Exception
{
    /// <summary>With the reason.</summary>
    public SpoolException(string message, Exception? inner = null) : base(message, inner) { }
}

/// <summary>A sync failed and the store is not opened again yet: what is asked for may be there.</summary>
public sealed class SpoolClosedException() : SpoolException("the spool is closed");

/// <summary>The disk is nearly full: new mail is not taken, what was accepted is finished. Answer 452 4.3.1.</summary>
public sealed class SpoolFullException() : SpoolException("the disk of the spool is nearly full");

/// <summary>Records of the store are there and cannot be read.</summary>
internal sealed class UnreadableException(string message) : SpoolException(message);
