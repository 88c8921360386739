using Peers;

namespace Relay;

/// <summary>The order of the runs: both gateways in turns, so that other work of the machine falls on both.</summary>
internal sealed class Bench(Options options)
{
    private const string Postern = "postern", Postfix = "postfix";

    private readonly Report _report = new();

    public async Task RunAsync(CancellationToken cancel)
    {
        foreach (var kept in options.KeptModes)
        {
            Console.WriteLine($"\n{Report.Mode(kept)}");
            for (var round = 0; round < options.Rounds; round++)
            {
                foreach (var name in Names())
                {
                    await using var gateway = Make(name);
                    _report.Add(name, kept, await Run.MeasureAsync(gateway, options, kept, cancel));
                }
            }

            foreach (var name in options.Counted > 0 ? Names() : [])
            {
                await using var gateway = Make(name);
                _report.AddSyncs(name, kept, await Run.CountSyncsAsync(gateway, options, kept, cancel));
            }
        }

        foreach (var kept in options.KeptModes)
        {
            _report.Print(kept);
        }
    }

    private string[] Names() => options.Only is { } only ? [only] : [Postern, Postfix];

    private Gateway Make(string name) => name switch
    {
        Postern => new PosternGateway(options.Folder),
        _ => new PostfixGateway(options.Folder),
    };
}
