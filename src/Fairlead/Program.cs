using Fairlead.Commands;

try
{
    SealedProcess.Seal();
}
catch (InvalidOperationException exception)
{
    await Console.Error.WriteLineAsync($"fairlead does not start: {exception.Message}");
    return 1;
}

return await CommandLine.RunAsync(args);
