using Fairlead.Bench;

return args switch
{
    ["upstream", var folder] => await Upstream.RunAsync(folder),
    ["services", var folder] => await Services.RunAsync(folder),
    ["callers"] => await Callers.RunAsync(),
    ["access"] => AccessBenchmarks.Run(),
    ["bare", var upstream, var authority, var port] => await BareForwarder.RunAsync(new Uri(upstream), authority, int.Parse(port, System.Globalization.CultureInfo.InvariantCulture)),
    ["crowd", var folder, var port] => await Crowd.RunAsync(folder, int.Parse(port, System.Globalization.CultureInfo.InvariantCulture)),
    ["steady", var url, var token, var seconds] => await Steady.RunAsync(new Uri(url), token, int.Parse(seconds, System.Globalization.CultureInfo.InvariantCulture)),
    ["watches", var url, var token, var count] => await Watches.RunAsync(new Uri(url), token, int.Parse(count, System.Globalization.CultureInfo.InvariantCulture)),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: upstream FOLDER | services FOLDER | callers | access | bare URL CA_FILE PORT | crowd FOLDER PORT | steady URL TOKEN SECONDS | watches URL TOKEN COUNT");
    return 2;
}
