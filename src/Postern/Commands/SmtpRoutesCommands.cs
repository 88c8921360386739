using System.Text;
using Postern.Routes;
using Postern.Routing;

namespace Postern.Commands;

/// <summary>The operations of <c>postern smtproutes</c>; the dialogue calls the same ones.</summary>
internal sealed class SmtpRoutesCommands(Terminal terminal, TimeProvider time)
{
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
    public Task<int> ClearAsync(ConfigurationFile file, bool yes, CancellationToken cancellationToken) =>
        ReplaceAsync(file, "clear", document =>
        {
            document.Clear();
            return null;
        }, yes, cancellationToken);

    /// <summary>Replaces the table by that of a file, or merges it.</summary>
    public Task<int> ImportAsync(ConfigurationFile file, ImportRequest request, CancellationToken cancellationToken)
    {
        if (ReadSource(request.Source, out var problem) is not { } source)
            return Task.FromResult(terminal.Fail(problem));
        // Its own lines and columns are told, not those of the file that would come out.
        var load = SmtpRoutesFile.Parse(source.ToBytes());
        if (!load.IsValid) return Task.FromResult(Told(request.Source, load));
        RouteError? Edit(RoutesDocument document)
        {
            if (request.Merge) document.Merge(source);
            else document.Replace(source);
            return null;
        }
        if (request.DryRun) return DryRunAsync(file, Edit, request.Json, cancellationToken);
        var what = $"import {Path.GetFileName(request.Source)}{(request.Merge ? " --merge" : "")}";
        return request.Merge
            ? EditFileAsync(file, what, Edit, cancellationToken)
            : ReplaceAsync(file, what, Edit, request.Yes, cancellationToken);
    }

    /// <summary>Writes the file as it stands.</summary>
    public int Export(ConfigurationFile file, string target)
    {
        if (Open(file) is not { } editor) return ExitCode.Failed;
        var reading = FileReading.Of(editor.File, SmtpRoutesFile.MaxLength);
        if (reading.Content is not { } content) return terminal.Fail(reading.Problem!);
        if (target == "-") terminal.Out.Write(Encoding.UTF8.GetString(content.Span));
        else AtomicFile.Write(target, content.Span);
        return ExitCode.Done;
    }

    /// <summary>Prints the table.</summary>
    public int Print(ConfigurationFile file, bool json)
    {
        if (Open(file) is not { } editor) return ExitCode.Failed;
        var load = editor.Load();
        if (!load.IsValid) return Told(editor.File, load);
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
            var load = editor.Load();
            if (!load.IsValid) return Told(editor.File, load);
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
        if (editor.History.TextOf(number) is not { } text)
            return terminal.Fail($"there is no version {number}; 'postern smtproutes history' lists all that are kept");
        return await ReplaceAsync(file, $"rollback {number}", document =>
        {
            document.Replace(RoutesDocument.Read(text));
            return null;
        }, yes, cancellationToken);
    }

    private async Task<int> DryRunAsync(
        ConfigurationFile file, Func<RoutesDocument, RouteError?> edit, bool json, CancellationToken cancellationToken)
    {
        if (Open(file) is not { } editor) return ExitCode.Failed;
        byte[] after = [];
        var plan = editor.Plan(document =>
        {
            var refusal = edit(document);
            after = document.ToBytes();
            return refusal;
        });
        if (plan.Difference is null) return Refused(plan);
        var asked = new GatewayCommands(terminal, time);
        var elsewhere = await asked.CountElsewhereAsync(editor.Configuration, after, cancellationToken);
        RoutesPrinting.Difference(terminal.Out, plan.Difference, elsewhere, json);
        return ExitCode.Done;
    }

    private async Task<int> EditFileAsync(
        ConfigurationFile file, string what, Func<RoutesDocument, RouteError?> edit,
        CancellationToken cancellationToken)
    {
        if (Open(file) is not { } editor) return ExitCode.Failed;
        // A table that had content does not begin anew because its file is gone: mail would take other ways.
        if (!File.Exists(editor.File) && editor.History.List() is [.., var last])
        {
            return terminal.Fail($"{editor.File} is missing; 'postern smtproutes rollback {last.Number}' puts its last "
                + "version back");
        }
        return await ApplyAsync(editor, what, edit, cancellationToken);
    }

    /// <summary>Makes an edit that touches the whole table, after saying how much it touches.</summary>
    private async Task<int> ReplaceAsync(
        ConfigurationFile file, string what, Func<RoutesDocument, RouteError?> edit, bool yes,
        CancellationToken cancellationToken)
    {
        if (Open(file) is not { } editor) return ExitCode.Failed;
        var plan = editor.Plan(edit);
        if (plan.Difference is null) return Refused(plan);
        var touched = $"{what}: {RoutesPrinting.Summary(plan.Difference)}, of {plan.Before?.Count ?? 0} routes";
        if (!yes && !terminal.Interactive) return terminal.Misused($"{touched}. Nothing was changed; --yes does it");
        terminal.Out.WriteLine(touched);
        if (!yes && !Confirmed()) return terminal.Fail("nothing was changed");
        return await ApplyAsync(editor, what, edit, cancellationToken);
    }

    private async Task<int> ApplyAsync(
        RoutesEditor editor, string what, Func<RoutesDocument, RouteError?> edit, CancellationToken cancellationToken)
    {
        var change = await editor.ApplyAsync(what, edit, cancellationToken);
        if (change.Difference is null) return Refused(change);
        terminal.Out.WriteLine($"{editor.File}: {RoutesPrinting.Summary(change.Difference)}; "
            + $"{RoutesPrinting.Routes(change.After!.Count)}");
        return ExitCode.Done;
    }

    private bool Confirmed()
    {
        terminal.Out.Write("Go on? [y/N] ");
        return terminal.In.ReadLine()?.Trim() is "y" or "Y" or "yes";
    }

    private RoutesEditor? Open(ConfigurationFile file)
    {
        var read = file.Read();
        foreach (var error in read.Errors) terminal.Error.WriteLine(error);
        return read.Configuration is { } configuration ? new RoutesEditor(configuration, time) : null;
    }

    private RoutesDocument? ReadSource(string source, out string problem)
    {
        problem = "";
        if (source == "-") return RoutesDocument.Read(terminal.In.ReadToEnd());
        var reading = FileReading.Of(source, SmtpRoutesFile.MaxLength);
        if (reading.Content is not { } content)
        {
            problem = reading.Problem!;
            return null;
        }
        var document = RoutesDocument.Read(content.Span, out var error);
        if (error is not null) problem = $"{source}: {error}";
        return document;
    }

    private int Told(string file, RoutesLoad load)
    {
        foreach (var error in RoutesReading.Errors(file, load)) terminal.Error.WriteLine(error);
        return ExitCode.Failed;
    }

    private int Refused(RoutesChange change)
    {
        foreach (var error in change.Errors) terminal.Fail(error.ToString());
        return ExitCode.Failed;
    }

    /// <summary>Several arguments, or one with commas, are the same list of hosts.</summary>
    private static string Joined(string[] hosts) => string.Join(", ", hosts.Select(h => h.Trim().TrimEnd(',')));
}
