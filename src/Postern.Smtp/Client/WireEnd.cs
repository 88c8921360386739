namespace Postern.Smtp.Client;

/// <summary>Why our side ended a connection; the first reason stands.</summary>
internal enum WireEnd
{
    /// <summary>It did not.</summary>
    None,
    /// <summary>A deadline passed.</summary>
    TimedOut,
    /// <summary>The caller cancelled a transaction.</summary>
    ShutDown,
    /// <summary>The session is over.</summary>
    Closed,
}
