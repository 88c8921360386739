using Postern.Admin;
using Postern.Admin.Auditing;
using Postern.Routes;
using Postern.Routing;

namespace Postern.Commands;

/// <summary>The operations of <c>postern smtproutes</c>; the dialogue calls the same ones.</summary>
internal sealed class SmtpRoutesCommands(Terminal terminal, TimeProvider time)
{
    private readonly Progress progress = new(terminal, time);

    /// <summary>Adds a route.</summary>
    public Task<int> NewAsync(
        ConfigurationFile file, string domain, string[] hosts, string[] options,
        CancellationToken cancellationToken) =>
        EditFileAsync(
            file, $"new {domain}", document => document.New(domain, Joined(hosts), options), cancellationToken);

    /// <summary>Replaces the hosts of a route.</summary>
    public Task<int> EditAsync(
        ConfigurationFile file, string domain, string[] hosts, string[] options,
        CancellationToken cancellationToken) =>
        EditFileAsync(
            file, $"edit {domain}", document => document.Edit(domain, Joined(hosts), options), cancellationToken);

    /// <summary>Deletes routes.</summary>
    public Task<int> DeleteAsync(ConfigurationFile file, string[] domains, CancellationToken cancellationToken) =>
        EditFileAsync(
            file, $"delete {string.Join(' ', domains)}", document => document.Delete(domains), cancellationToken);

    /// <summary>Deletes all routes.</summary>
    public async Task<int> ClearAsync(ConfigurationFile file, bool yes, CancellationToken cancellationToken)
    {
        if (Open(file) is not { } editor) return ExitCode.Failed;
        return await ReplaceAsync(file, "clear", document =>
        {
            document.Clear();
            return null;
        }, yes, cancellationToken);
    }

    /// <summary>Replaces the table by that of a file, or merges it.</summary>
    public async Task<int> ImportAsync(
        ConfigurationFile file, ImportRequest request, CancellationToken cancellationToken)
    {
        if (Open(file) is not { } editor) return ExitCode.Failed;
        var (name, isStdin) = request.Source == "-" ? ("stdin", true) : (request.Source, false);
        RoutesDocument? source;
        using (progress.Begin($"reading {name}"))
        {
            var reading = isStdin ? terminal.ReadOctets(SmtpRoutesFile.MaxLength)
                : FileReading.Of(name, SmtpRoutesFile.MaxLength);
            if (reading.Content is not { } content) return terminal.Fail(reading.Problem!);
            source = RoutesDocument.Read(content, out _);
            if (source is null && editor.Parse(content.Span) is { IsValid: false } load)
                return Told(name, load.Errors);
        }
        RouteError? Edit(RoutesDocument document) => document.Import(source!, request.Merge);
        if (request.DryRun) return await DryRunAsync(file, Edit, name, request.Json, cancellationToken);
        var what = $"import {Path.GetFileName(request.Source)}{(request.Merge ? " --merge" : "")}";
        return request.Merge
            ? await EditFileAsync(file, what, Edit, cancellationToken, name, request.Json)
            : await ReplaceAsync(file, what, Edit, request.Yes, cancellationToken, name, request.Json);
    }

    /// <summary>Writes the file as it stands.</summary>
    public int Export(ConfigurationFile file, string target)
    {
        if (Open(file) is not { } editor) return ExitCode.Failed;
        var reading = FileReading.Of(editor.File, SmtpRoutesFile.MaxLength);
        if (reading.Content is not { } content) return terminal.Fail(reading.Problem!);
        if (target == "-") terminal.Write(content.Span);
        else AtomicFile.WriteTo(target, content.Span);
        return ExitCode.Done;
    }

    /// <summary>Prints the table.</summary>
    public int Print(ConfigurationFile file, bool json)
    {
        if (Open(file) is not { } editor) return ExitCode.Failed;
        var load = Load(editor);
        if (!load.IsValid) return Told(editor.File, load.Errors);
        RoutesPrinting.Print(terminal.Out, load.Table, json);
        return ExitCode.Done;
    }

    /// <summary>Explains where recipients go.</summary>
    public async Task<int> TestAsync(
        ConfigurationFile file, string[] addresses, bool json, CancellationToken cancellationToken)
    {
        var targets = new List<TestTarget>();
        foreach (var address in addresses)
        {
            if (TestTarget.Read(address) is not { } target)
                return terminal.Misused($"'{address}' is neither an address nor a domain; write bob@example.com");
            targets.Add(target);
        }
        if (Open(file) is not { } editor) return ExitCode.Failed;
        var answer = await GatewayCommands.ExplainAsync(editor.Configuration, targets, cancellationToken);
        if (answer is { IsRunning: true, IsDone: false }) return terminal.Fail(answer.Failure);
        var reports = answer.Value;
        if (reports is null)
        {
            var load = Load(editor);
            if (!load.IsValid) return Told(editor.File, load.Errors);
            reports = [.. targets.Select(t => FileExplanation.Of(load.Table, t, editor.Configuration))];
        }
        if (json) terminal.Out.WriteLine(GatewayQuestion.ToJson(reports));
        else foreach (var report in reports) ExplanationPrinting.Print(terminal.Out, report, time);
        return ExitCode.Done;
    }

    /// <summary>Prints the kept versions.</summary>
    public int History(ConfigurationFile file, bool json)
    {
        if (Open(file) is not { } editor) return ExitCode.Failed;
        RoutesPrinting.History(terminal.Out, editor.History.List(), time.LocalTimeZone, json);
        return ExitCode.Done;
    }

    /// <summary>Puts a version back.</summary>
    public async Task<int> RollbackAsync(
        ConfigurationFile file, int number, bool yes, CancellationToken cancellationToken)
    {
        if (Open(file) is not { } editor) return ExitCode.Failed;
        if (editor.History.ContentOf(number) is not { } content)
            return terminal.Fail($"there is no version {number}; 'postern smtproutes history' lists all that are kept");
        return await ReplaceAsync(file, $"rollback {number}", document =>
        {
            if (RoutesDocument.Read(content, out var error) is not { } version) return error;
            document.Replace(version);
            return null;
        }, yes, cancellationToken);
    }

    private async Task<int> DryRunAsync(
        ConfigurationFile file, Func<RoutesDocument, RouteError?> edit, string? source, bool json,
        CancellationToken cancellationToken)
    {
        if (Open(file) is not { } editor) return ExitCode.Failed;
        RoutesChange plan;
        GatewayAnswer<PreviewAnswer> elsewhere;
        using (progress.Begin("checking the routes"))
        {
            plan = editor.Plan(edit);
            if (plan.Difference is null) return Refused(plan, source);
            progress.Step("asking the gateway what would go elsewhere");
            elsewhere = await GatewayCommands.CountElsewhereAsync(
                editor.Configuration, plan.NewContent, cancellationToken);
        }
        RoutesPrinting.Difference(terminal.Out, plan.Difference, elsewhere, json);
        return ExitCode.Done;
    }

    private async Task<int> EditFileAsync(
        ConfigurationFile file, string what, Func<RoutesDocument, RouteError?> edit,
        CancellationToken cancellationToken, string? source = null, bool json = false)
    {
        if (Open(file) is not { } editor) return ExitCode.Failed;
        RoutesChange change;
        using (progress.Begin("waiting for another edit"))
        {
            change = await editor.ApplyAsync(what, edit, cancellationToken);
        }
        return await DoneAsync(editor, what, change, source, json, cancellationToken);
    }

    /// <summary>
    /// Makes an edit that touches the whole table, after saying how much it touches. Errors are in the lines of
    /// <paramref name="source"/>; null: of the routes file.
    /// </summary>
    private async Task<int> ReplaceAsync(
        ConfigurationFile file, string what, Func<RoutesDocument, RouteError?> edit, bool yes,
        CancellationToken cancellationToken, string? source = null, bool json = false)
    {
        if (Open(file) is not { } editor) return ExitCode.Failed;
        RoutesChange plan;
        using (progress.Begin("checking the routes")) plan = editor.Plan(edit);
        if (plan.Difference is null) return Refused(plan, source);
        var of = plan.Before is { } before ? $", of {before.Count} routes"
            : "; the routes file as it stands has errors, so that the routes which go are not counted";
        var touched = $"{what}: {RoutesPrinting.Summary(plan.Difference)}{of}";
        if (terminal.Refuses(touched, yes, json) is { } refusal) return refusal;
        RoutesChange change;
        using (progress.Begin("waiting for another edit"))
        {
            change = await editor.WriteAsync(what, plan, cancellationToken);
        }
        return await DoneAsync(editor, what, change, source, json, cancellationToken);
    }

    private async Task<int> DoneAsync(
        RoutesEditor editor, string what, RoutesChange change, string? source, bool json,
        CancellationToken cancellationToken)
    {
        var note = new AuditNote();
        if (change.Difference is { } difference) note.Note(difference);
        else (note.Result, note.Detail) = (AuditResult.Refused, string.Join("; ", change.Errors));
        await new CommandAudit(terminal, time).WriteAsync(editor.Configuration, $"smtproutes {what}", note);
        if (change.Difference is null) return Refused(change, source);
        string? notInForce;
        using (var line = progress.Begin("handing the routes to the gateway"))
        using (new Interruption(terminal, () =>
        {
            line.Dispose();
            return $"{editor.File} was written, and a gateway that runs takes it up by itself";
        }))
        {
            notInForce = await GatewayCommands.TakeRoutesAsync(editor.Configuration, cancellationToken);
        }
        if (json) RoutesPrinting.Done(terminal.Out, change.Difference, change.After!.Count);
        else
        {
            terminal.Out.WriteLine($"{editor.File}: {RoutesPrinting.Summary(change.Difference)}; "
                + $"{RoutesPrinting.Routes(change.After!.Count)}");
        }
        return notInForce is null ? ExitCode.Done
            : terminal.Fail($"{editor.File} was written, but {notInForce}");
    }

    private RoutesLoad Load(RoutesEditor editor)
    {
        using var line = progress.Begin($"reading {editor.File}");
        return editor.Load();
    }

    private RoutesEditor? Open(ConfigurationFile file)
    {
        var read = file.Read();
        foreach (var error in read.Errors) terminal.Error.WriteLine(error);
        return read.Configuration is { } configuration ? new RoutesEditor(configuration, time, progress.Step) : null;
    }

    private int Told(string file, IReadOnlyList<RouteError> found)
    {
        foreach (var error in RoutesReading.Errors(file, found)) terminal.Error.WriteLine(error);
        return ExitCode.Failed;
    }

    private int Refused(RoutesChange change, string? source = null)
    {
        if (source is not null && change.Errors is [{ Line: > 0 }, ..]) return Told(source, change.Errors);
        foreach (var error in change.Errors) terminal.Fail(error.ToString());
        return ExitCode.Failed;
    }

    /// <summary>Several arguments, or one with commas, are the same list of hosts.</summary>
    private static string Joined(string[] hosts) => string.Join(", ", hosts.Select(h => h.Trim().TrimEnd(',')));
}
