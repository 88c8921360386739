using System.Globalization;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Parts;

const string Usage = """
    Measures parts of Postern alone.

    usage: parts [--lookups | --listings | --loads]      all without an option
    """;

if (args is [LoadRun.Word, var measured]) return LoadRun.Run(measured);
if (args is not ([] or ["--lookups"] or ["--listings"] or ["--loads"]))
{
    (args is ["--help"] ? Console.Out : Console.Error).WriteLine(Usage);
    return args is ["--help"] ? 0 : 2;
}

if (args is not ["--loads"])
{
    // In this process: a project of its own for each run would be built again, and measure the same.
    var job = Job.ShortRun.WithToolchain(new InProcessEmitToolchain(TimeSpan.FromMinutes(5), logOutput: true));
    var config = DefaultConfig.Instance.AddJob(job);
    if (args is not ["--listings"]) BenchmarkRunner.Run<LookupBench>(config);
    if (args is not ["--lookups"])
    {
        BenchmarkRunner.Run<ListingBench>(config);
        BenchmarkRunner.Run<DeliveryBench>(config);
    }
}

if (args is [] or ["--loads"])
{
    Console.WriteLine("| routes | shape | load, s | kept, MB | peak, MB |");
    Console.WriteLine("|---|---|---|---|---|");
    var file = Path.GetTempFileName();
    try
    {
        foreach (var routes in (int[])[40_000, 1_000_000])
        {
            foreach (var (shape, line) in RoutesText.Shapes)
            {
                File.WriteAllBytes(file, RoutesText.Of(line, routes));
                var run = LoadRun.Measure(file);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"| {routes} | {shape} | {run.Seconds:0.00} | {run.Retained / 1e6:0} | {run.Peak / 1e6:0} |"));
            }
        }
    }
    finally
    {
        File.Delete(file);
    }
}
return 0;
