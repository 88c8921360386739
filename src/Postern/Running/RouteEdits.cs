using Postern.Admin;
using Postern.Routes;
using Postern.Routing;

namespace Postern.Running;

/// <summary>Edits of the routes file for the API of a gateway, which takes them up at once.</summary>
internal sealed class RouteEdits(Gateway gateway, TimeProvider time) : IRouteEdits
{
    /// <inheritdoc/>
    public IReadOnlyList<RouteVersion> History => Editor.History.List();

    private RoutesEditor Editor => new(gateway.Configuration, time, static _ => { });

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Content
    {
        get
        {
            var reading = FileReading.Of(gateway.Configuration.RoutesFile, SmtpRoutesFile.MaxLength);
            return reading.Content ?? throw new IOException(reading.Problem);
        }
    }

    /// <inheritdoc/>
    public byte[]? ContentOf(int version) => Editor.History.ContentOf(version);

    /// <inheritdoc/>
    public RoutesChange Plan(Func<RoutesDocument, RouteError?> edit) => AgainstThoseInForce(Editor.Plan(edit));

    /// <inheritdoc/>
    public async Task<RoutesChange> WriteAsync(string what, RoutesChange plan, CancellationToken cancellationToken) =>
        await TakeUpAsync(await Editor.WriteAsync(what, plan, cancellationToken));

    /// <inheritdoc/>
    public async Task<RoutesChange> EditAsync(
        string what, Func<RoutesDocument, RouteError?> edit, RoutesPrecondition? expected,
        CancellationToken cancellationToken)
    {
        var isOutdated = false;
        var editor = Editor;
        // Within the edit, so that no other one comes between the look and the write.
        var change = await editor.ApplyAsync(what, document =>
        {
            var meanwhile = expected is null ? null : RoutesMeanwhile.In(document, expected, editor.History);
            isOutdated = meanwhile is not null;
            return meanwhile ?? edit(document);
        }, cancellationToken);
        return await TakeUpAsync(AgainstThoseInForce(change) with { IsOutdated = isOutdated });
    }

    // Mail goes by the table in force, also when the file that is edited has gone or has become wrong since.
    private RoutesChange AgainstThoseInForce(RoutesChange change) =>
        change.After is not { } after || change.Before?.Version == gateway.Routes.Version ? change
            : change with { Before = gateway.Routes, Difference = gateway.Routes.Compare(after) };

    // The file is written: whoever asked may go, the gateway takes it up.
    private async Task<RoutesChange> TakeUpAsync(RoutesChange change)
    {
        if (change.Difference is null) return change;
        var refusal = await gateway.RoutesReplaced(CancellationToken.None);
        return refusal is null ? change : new RoutesChange(null, null, null,
            [new RouteError(0, 0, $"the routes file was written, but is not in force: {refusal}", $"look at it")]);
    }
}
