using Fairlead.Cli;

return await CommandLine.RunAsync(args, Surroundings.OfProcess());
