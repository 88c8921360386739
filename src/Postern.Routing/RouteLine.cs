namespace Postern.Routing;

/// <summary>
/// Where the parts of a line of the routes file stand, in UTF-16 units. Splitting never fails; the parts may be empty.
/// </summary>
/// <remarks><c>line = *WSP [ key 1*WSP hosts *( 1*WSP option ) ] *WSP [ comment ]</c></remarks>
internal readonly record struct RouteLine(int KeyAt, int KeyEnd, int TargetAt, int TargetEnd)
{
    /// <summary>False: nothing but white space and a comment.</summary>
    public bool HasRoute => KeyEnd > KeyAt;

    /// <summary>Splits a line without its line end. A comment behind text needs white space before it.</summary>
    public static RouteLine Split(ReadOnlySpan<char> line)
    {
        var end = line.Length;
        for (var at = line.IndexOf('#'); at >= 0;)
        {
            if (at == 0 || IsSpace(line[at - 1]))
            {
                end = at;
                break;
            }
            var next = line[(at + 1)..].IndexOf('#');
            at = next < 0 ? -1 : at + 1 + next;
        }
        while (end > 0 && IsSpace(line[end - 1])) end--;
        var keyAt = SkipSpace(line, 0, end);
        var keyEnd = keyAt;
        while (keyEnd < end && !IsSpace(line[keyEnd])) keyEnd++;
        return new(keyAt, keyEnd, SkipSpace(line, keyEnd, end), end);
    }

    /// <summary>WSP: a space or a tab, nothing else (I8).</summary>
    public static bool IsSpace(char c) => c is ' ' or '\t';

    /// <summary>The first place from <paramref name="at"/> on that is no white space.</summary>
    public static int SkipSpace(ReadOnlySpan<char> text, int at, int end)
    {
        while (at < end && IsSpace(text[at])) at++;
        return at;
    }
}
