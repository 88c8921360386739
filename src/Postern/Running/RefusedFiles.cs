using System.Collections.Concurrent;
using Postern.Configuration;

namespace Postern.Running;

/// <summary>
/// Files of the configuration that were read again and are not in force, and why: what is reported beside the log until
/// a good one was read (contract §2). Any thread may call it.
/// </summary>
internal sealed class RefusedFiles
{
    private readonly ConcurrentDictionary<string, string> files = new(StringComparer.Ordinal);

    /// <summary>Each file with a sentence without its dot: what is the first error, where, and what to do.</summary>
    public IReadOnlyDictionary<string, string> All => files;

    /// <summary>It was read and is not in force; there is at least one error.</summary>
    public void Add(string file, IReadOnlyList<ConfigurationError> errors)
    {
        var more = errors.Count == 1 ? "" : $" (and {errors.Count - 1} more; 'postern check' tells all)";
        files[file] = $"{file} was changed and is not in force: {errors[0].ToString().TrimEnd('.')}{more}";
    }

    /// <summary>It was read and is in force, or is none of the configuration any more.</summary>
    public void Remove(string file) => files.TryRemove(file, out _);
}
