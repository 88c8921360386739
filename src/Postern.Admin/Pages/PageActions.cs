using Postern.Admin.Access;
using Postern.Admin.Accounts;
using Postern.Admin.Auditing;
using Postern.Routing;

namespace Postern.Admin.Pages;

/// <summary>
/// What somebody does on a page: allowed by the role, and written into the audit log, as an operation of the API is.
/// One for each open page.
/// </summary>
internal sealed class PageActions(AdminParts parts, Viewer viewer)
{
    /// <summary>Does something and writes down what became of it.</summary>
    /// <param name="action">The name of the operation of the API that does the same.</param>
    /// <param name="parameters">What it is asked with; no secret.</param>
    /// <param name="least">Who may.</param>
    /// <param name="act">Does it, and may say more in the note.</param>
    /// <exception cref="UnauthorizedAccessException">The role is not enough.</exception>
    /// <exception cref="OperationCanceledException">The session is over; the page is being left.</exception>
    /// <exception cref="IOException">The disk failed, or a file is not for the user of the gateway.</exception>
    public async Task<T> ActAsync<T>(
        string action, IReadOnlyDictionary<string, string>? parameters, AccountRole least,
        Func<AuditNote, Task<T>> act)
    {
        var entry = new AuditEntry { Who = viewer.Name, From = viewer.From, Action = action, Parameters = parameters };
        if (!viewer.TryAct()) return await EndAsync<T>(entry);
        if (!viewer.May(least)) return await RefuseAsync<T>(entry, least);
        try
        {
            return await parts.Audit.ActAsync(entry, act);
        }
        catch (UnauthorizedAccessException e)
        {
            // By the role somebody may: it is the file that is refused to the gateway, and pages say so.
            throw new IOException(e.Message, e);
        }
    }

    /// <summary>Edits the routes file.</summary>
    /// <param name="action">The name of the operation of the API that does the same.</param>
    /// <param name="what">The change in a few words, as the history shows it.</param>
    /// <param name="edit">Changes the document, or says why not.</param>
    /// <param name="before">The route as it was when the page was opened; null: it was not there.</param>
    /// <exception cref="IOException">
    /// The disk failed; nothing has changed, unless it is an <see cref="UncertainWriteException"/>.
    /// </exception>
    public Task<RoutesChange> EditRoutesAsync(
        string action, string what, Func<RoutesDocument, RouteError?> edit, SmtpRoute? before)
    {
        // Two people may have the same route open: the second must not undo what he has not seen.
        var expected = before is null ? null : new RoutesPrecondition([before.Version], [before.Key]);
        return ChangeRoutesAsync(
            action, what, named => parts.Edits.EditAsync(named, edit, expected, CancellationToken.None));
    }

    /// <summary>Makes an edit of the routes file that was planned and shown.</summary>
    /// <param name="action">The name of the operation of the API that does the same.</param>
    /// <param name="what">The change in a few words, as the history shows it.</param>
    /// <param name="plan">What was shown.</param>
    /// <exception cref="IOException">
    /// The disk failed; nothing has changed, unless it is an <see cref="UncertainWriteException"/>.
    /// </exception>
    public Task<RoutesChange> WriteRoutesAsync(string action, string what, RoutesChange plan) =>
        ChangeRoutesAsync(action, what, named => parts.Edits.WriteAsync(named, plan, CancellationToken.None));

    /// <summary>Makes, edits or deletes a profile of outgoing SMTP authentication.</summary>
    /// <param name="action">The name of the operation of the API that does the same.</param>
    /// <param name="name">The profile.</param>
    /// <param name="request">What it is to have; null: it goes.</param>
    /// <param name="act">Does it.</param>
    /// <exception cref="IOException">The disk failed.</exception>
    public Task<ProfileOutcome> ChangeProfileAsync(
        string action, string name, ProfileRequest? request, Func<IProfileEdits, Task<ProfileOutcome>> act) =>
        ActAsync(action, new Dictionary<string, string> { ["name"] = name }, AccountRole.Administrator, async note =>
        {
            note.Before = parts.ProfileEdits.Describe(name);
            note.After = request?.Described;
            var outcome = await act(parts.ProfileEdits);
            if (outcome.Refusal is { } refusal) (note.Result, note.Detail) = (AuditResult.Refused, refusal);
            return outcome;
        });

    /// <summary>Changes who may log in.</summary>
    /// <param name="action">The name of the operation of the API that does the same.</param>
    /// <param name="said">What it is asked with, by the names of the parameters of the API.</param>
    /// <param name="act">Does it.</param>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    public Task<AccountOutcome> ChangeAccountAsync(
        string action, IReadOnlyDictionary<string, string> said, Func<AccountEdits, Task<AccountOutcome>> act) =>
        ActAsync(action, said, AccountRole.Administrator, async note =>
        {
            var outcome = await act(new AccountEdits(parts.Accounts, parts.Time));
            note.After = outcome.Describe();
            if (outcome.Refusal is { } refusal) (note.Result, note.Detail) = (AuditResult.Refused, refusal);
            return outcome;
        });

    // Blazor takes a cancelled task for no fault, so that nothing but the login page is seen.
    private async Task<T> EndAsync<T>(AuditEntry entry)
    {
        await parts.Audit.WriteAsync(entry with
        {
            Result = AuditResult.Refused,
            Detail = "the session is over",
        });
        throw new OperationCanceledException("the session is over");
    }

    private async Task<T> RefuseAsync<T>(AuditEntry entry, AccountRole least)
    {
        var why = $"{entry.Action} is for the role {least.Word()} or above.";
        await parts.Audit.WriteAsync(entry with { Result = AuditResult.Refused, Detail = why });
        throw new UnauthorizedAccessException(why);
    }

    private Task<RoutesChange> ChangeRoutesAsync(
        string action, string what, Func<string, Task<RoutesChange>> change) =>
        ActAsync(action, new Dictionary<string, string> { ["change"] = what }, AccountRole.Administrator, async note =>
        {
            var changed = await change($"{what} (page, {viewer.Name})");
            if (changed.Difference is { } difference) note.Note(difference);
            else (note.Result, note.Detail) = (AuditResult.Refused, string.Join("; ", changed.Errors));
            return changed;
        });
}
