namespace Postern.Smtp.Server;

/// <summary>Why a session is to stop waiting. Flags, because several can come together.</summary>
[Flags]
internal enum SessionInterruption
{
    None = 0,
    /// <summary>A wait was longer than its limit.</summary>
    TimedOut = 1,
    /// <summary>Content came in more slowly than the minimum rate.</summary>
    TooSlow = 2,
    /// <summary>The gateway stops: end as soon as no transaction is in progress.</summary>
    StopWhenIdle = 4,
    /// <summary>The gateway stops: end now, unless a commit is in progress.</summary>
    StopNow = 8,
}
