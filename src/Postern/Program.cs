using Postern.Commands;

return await CommandLine.RunAsync(args, Terminal.OfProcess(), TimeProvider.System, CancellationToken.None);
