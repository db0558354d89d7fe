using Fairlead.Fuzz;
using SharpFuzz;

// What test/hostile/fuzz.sh runs, and what replays an input that it has found:
//   Fairlead.Fuzz --list
//   Fairlead.Fuzz TARGET              one of many runs under afl-fuzz, the input on standard input
//   Fairlead.Fuzz TARGET PATH...      each file, and each file of a folder, once
if (args is ["--list"])
{
    foreach (var one in FuzzTargets.All)
    {
        Console.WriteLine(one.Name);
    }

    return 0;
}

if (args.Length == 0 || FuzzTargets.Find(args[0]) is not { } target)
{
    Console.Error.WriteLine($"usage: Fairlead.Fuzz --list | TARGET [PATH...]; targets: {string.Join(' ', FuzzTargets.All.Select(static one => one.Name))}");
    return 2;
}

if (args.Length == 1)
{
    // In a process of its own: what ends or hangs the process is then a finding too, and the fuzzer goes on.
    Fuzzer.OutOfProcess.Run(stream =>
    {
        using var input = new MemoryStream();
        stream.CopyTo(input);
        target.Run(input.ToArray());
    });
    return 0;
}

return Replay.Run(target, args[1..]);
