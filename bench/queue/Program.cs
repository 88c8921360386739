using HeldQueue;
using TestTools;

if (args is ["--help"])
{
    Console.WriteLine(Options.Usage);
    return 0;
}

if (Options.Parse(args) is not { } options)
{
    Console.Error.WriteLine(Options.Usage);
    return 2;
}

using var cancel = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    // What was started is ended first.
    pressed.Cancel = true;
    cancel.Cancel();
};

try
{
    var isExceeded = false;
    foreach (var perMessage in options.PerMessage)
    {
        Console.WriteLine($"{options.Recipients} held recipients in {options.Domains} domains, {perMessage} a message; "
            + $"{Environment.ProcessorCount} cores, {new DriveInfo(options.Folder).DriveFormat} at {options.Folder}");
        var bench = new Bench(options, perMessage);
        await bench.RunAsync(cancel.Token);
        foreach (var exceeded in bench.Exceeded)
        {
            isExceeded = true;
            Console.WriteLine($"  TOO MUCH: {exceeded}");
        }
    }

    return isExceeded ? 1 : 0;
}
catch (Exception failure)
    when (failure is RunException or TimeoutException or OperationCanceledException or IOException
        or HttpRequestException)
{
    Console.Error.WriteLine($"queue: {failure.Message}");
    return 1;
}
