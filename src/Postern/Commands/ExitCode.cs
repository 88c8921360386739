namespace Postern.Commands;

/// <summary>The exit codes of every command (contract §1).</summary>
public static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;
    /// <summary>It failed; the reason is on stderr.</summary>
    public const int Failed = 1;
    /// <summary>Wrong usage.</summary>
    public const int WrongUsage = 2;
}
