using Peers;

namespace Failover;

/// <summary>The order of the runs: the gateways in turns, so that other work of the machine falls on all.</summary>
internal sealed class Bench(Options options, string folder)
{
    public static string EximFolder(string folder) => Path.Combine(folder, "exim");

    /// <summary>Runs everything; false: Postern does not reach what it has to.</summary>
    public async Task<bool> RunAsync(CancellationToken cancel)
    {
        if (options.RouteChange)
        {
            return await new RouteChange(options, folder).RunAsync(cancel);
        }

        var runs = new List<Figures>();
        Console.WriteLine($"{options.Clients} clients, messages of {options.Length} octets, {options.Window} in the "
            + $"gateway at most; trouble for {options.Bad.TotalSeconds} s; {Environment.ProcessorCount} cores");
        Report.PrintHead();
        foreach (var trouble in options.Cases)
        {
            foreach (var name in options.Names)
            {
                var gateway = Make(name);
                gateway.KeepsFolder = options.Keep;
                await using (gateway)
                await using (var trial = new Trial(gateway, trouble, options))
                {
                    runs.Add(await trial.RunAsync(cancel));
                }

                Report.PrintRow(runs[^1]);
            }
        }

        var complaints = Verdict.Complaints(runs).ToList();
        complaints.ForEach(complaint => Console.WriteLine($"postern: {complaint}"));
        return complaints.Count == 0;
    }

    private Gateway Make(string name) => name switch
    {
        "postern" => new PosternGateway(folder),
        "postfix" => new PostfixGateway(folder, "failover.cf"),
        _ => new EximGateway(folder, EximFolder(folder)),
    };
}
