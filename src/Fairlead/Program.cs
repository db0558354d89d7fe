return await Fairlead.Commands.CommandLine.RunAsync(args);
