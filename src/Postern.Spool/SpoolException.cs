namespace Postern.Spool;

/// <summary>The store cannot do what was asked; the message says what and why.</summary>
public sealed class SpoolException : Exception
{
    /// <summary>With the reason.</summary>
    public SpoolException(string message, Exception? inner = null) : base(message, inner) { }
}
