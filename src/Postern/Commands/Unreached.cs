using Postern.Spool;

namespace Postern.Commands;

/// <summary>
/// Why a gateway cannot be asked. Whether one runs is told by the lock of its store, not by its silence.
/// </summary>
/// <param name="Reason">In one line, with what to do.</param>
/// <param name="IsRunning">A gateway has the store open.</param>
internal readonly record struct Unreached(string Reason, bool IsRunning)
{
    /// <summary>The reason on a data folder.</summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="fault">What is wrong with a gateway that runs, as what follows its name.</param>
    /// <param name="left">What is there though none runs, in brackets; may be empty.</param>
    public static Unreached Of(string folder, string fault, string left = "") =>
        StoreLock.HolderOf(DataFolder.SpoolIn(folder)) switch
        {
            { Use: StoreUse.Gateway } gateway => new($"{gateway} runs on {folder}, but {fault}", true),
            { Use: StoreUse.Unknown } process => new(
                $"{process} has the store of {folder} open and is taken for a gateway, but {fault}", true),
            { } other => new($"no gateway runs on {folder}: {other} has its store open. When that has ended, "
                + $"'postern serve' starts one{left}", false),
            null => new($"no gateway runs on {folder}; 'postern serve' starts one{left}", false),
        };
}
