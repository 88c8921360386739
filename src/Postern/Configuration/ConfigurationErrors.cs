namespace Postern.Configuration;

/// <summary>
/// Collects the errors of one file, and of those it names, so that all of them are told at once. For one thread.
/// </summary>
internal sealed class ConfigurationErrors(string file)
{
    /// <summary>More than this nobody reads; the rest is found at the next run.</summary>
    private const int MaxErrors = 500;

    private readonly List<ConfigurationError> errors = [];

    /// <summary>Further files that were read, whose change is a change of the configuration.</summary>
    public List<NamedFile> Named { get; } = [];

    /// <summary>From this line on the text could not be read; what is missing there is no error of its own.</summary>
    public int UnreadableFrom { get; private set; } = int.MaxValue;

    /// <summary>True when part of the text could not be read, so that a name may only seem to be undefined.</summary>
    public bool HasSyntaxErrors { get; private set; }

    /// <summary>How many there are so far.</summary>
    public int Count => errors.Count;

    /// <summary>Notes an error of meaning; one error a line and column is enough.</summary>
    public void Add(int line, int column, string text, string remedy)
    {
        if (line < UnreadableFrom) Note(line, column, text, remedy);
    }

    /// <summary>Notes an error of syntax. <paramref name="restUnreadable"/>: nothing after it can be trusted.</summary>
    public void AddSyntax(int line, int column, string text, string remedy, bool restUnreadable)
    {
        if (line >= UnreadableFrom || errors.Exists(e => e.File == file && e.Line == line)) return;
        HasSyntaxErrors = true;
        Note(line, column, text, remedy);
        if (restUnreadable) UnreadableFrom = line;
    }

    /// <summary>Notes an error in another file that this one names; once, although it may be named twice.</summary>
    public void Add(ConfigurationError error)
    {
        if (errors.Count < MaxErrors && !errors.Contains(error)) errors.Add(error);
    }

    /// <summary>All errors in the order of the file, then those of other files.</summary>
    public IReadOnlyList<ConfigurationError> ToList() =>
        [.. errors.OrderBy(e => e.File == file ? "" : e.File, StringComparer.Ordinal)
            .ThenBy(e => e.Line).ThenBy(e => e.Column)];

    private void Note(int line, int column, string text, string remedy)
    {
        if (errors.Count < MaxErrors) errors.Add(new ConfigurationError(file, line, column, text, remedy));
    }
}
