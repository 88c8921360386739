using Postern.Routing;

namespace Postern.Admin;

/// <summary>
/// Edits of the routes file by the running gateway, by the same functions as those of commands: atomic on disk, with
/// comments, order and formatting kept, noted in the history, and in force when they return. Any thread may call it.
/// </summary>
public interface IRouteEdits
{
    /// <summary>Makes an edit, with no other edit in between.</summary>
    /// <param name="what">The change in a few words and who makes it, as the history shows it.</param>
    /// <param name="edit">Changes the document, or says why not.</param>
    /// <param name="cancellationToken">Ends the wait for another edit.</param>
    /// <exception cref="IOException">
    /// The disk failed; nothing has changed, unless it is an <see cref="UncertainWriteException"/>.
    /// </exception>
    Task<RoutesChange> EditAsync(
        string what, Func<RoutesDocument, RouteError?> edit, CancellationToken cancellationToken) =>
        EditAsync(what, edit, null, cancellationToken);

    /// <summary>
    /// The same, but refused and <see cref="RoutesChange.IsOutdated"/> when the routes are not those any more that the
    /// edit was made for; the error names what was changed meanwhile.
    /// </summary>
    Task<RoutesChange> EditAsync(
        string what, Func<RoutesDocument, RouteError?> edit, RoutesPrecondition? expected,
        CancellationToken cancellationToken);

    /// <summary>What an edit would change, for somebody who is asked first; writes nothing.</summary>
    RoutesChange Plan(Func<RoutesDocument, RouteError?> edit);

    /// <summary>Makes an edit that was planned; refused when the file was changed since.</summary>
    /// <param name="what">The change in a few words and who makes it, as the history shows it.</param>
    /// <param name="plan">What <see cref="Plan"/> said.</param>
    /// <param name="cancellationToken">Ends the wait for another edit.</param>
    /// <exception cref="IOException">
    /// The disk failed; nothing has changed, unless it is an <see cref="UncertainWriteException"/>.
    /// </exception>
    Task<RoutesChange> WriteAsync(string what, RoutesChange plan, CancellationToken cancellationToken);

    /// <summary>The file as it stands.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    ReadOnlyMemory<byte> Content { get; }

    /// <summary>The kept versions, the oldest first.</summary>
    IReadOnlyList<RouteVersion> History { get; }

    /// <summary>The file as it was in a version; null: there is no such version.</summary>
    byte[]? ContentOf(int version);
}

/// <summary>The routes that an edit was made for. Immutable.</summary>
/// <param name="Versions">
/// Of tables (<see cref="SmtpRouteTable.Version"/>) or routes (<see cref="SmtpRoute.Version"/>).
/// </param>
/// <param name="Keys">
/// The routes that it touches. It may be made when the table has one of the versions, or each of these has one.
/// </param>
public sealed record RoutesPrecondition(IReadOnlyCollection<string> Versions, IReadOnlyCollection<string> Keys);

/// <summary>A kept version of the routes file. Immutable.</summary>
/// <param name="Number">From 1; grows.</param>
/// <param name="Time">When it was made.</param>
/// <param name="Author">The user of the process that made it; unknown: by hand.</param>
/// <param name="Change">What was done, in a few words.</param>
/// <param name="Added">Lines that came.</param>
/// <param name="Removed">Lines that went.</param>
/// <param name="Diff">The first of these.</param>
public sealed record RouteVersion(
    int Number, DateTimeOffset Time, string Author, string Change, int Added, int Removed, IReadOnlyList<string> Diff)
{
    /// <summary>The <see cref="Change"/> of what no command or page has done.</summary>
    public const string ByHand = "edited by hand";

    /// <summary>The <see cref="Author"/> or <see cref="Change"/> that nobody has told.</summary>
    public const string Unknown = "unknown";
}
