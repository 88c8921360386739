namespace Failover;

/// <summary>What is wrong with the bad host; the cases of the bench.</summary>
public enum Trouble
{
    /// <summary>Nothing: it takes every message.</summary>
    None,
    /// <summary>(a) It takes connections and says nothing, until it goes on where it stood.</summary>
    Silent,
    /// <summary>(b) It refuses connections.</summary>
    Refuses,
    /// <summary>(c) It answers 421 in the banner and closes.</summary>
    Banner421,
    /// <summary>(d) It answers 452 to MAIL.</summary>
    Mail452,
    /// <summary>(e) It answers 451 4.3.0 to every RCPT.</summary>
    Rcpt451,
}
