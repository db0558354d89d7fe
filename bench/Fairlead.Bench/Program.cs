using System.Globalization;
using Fairlead.Bench;

return args switch
{
    ["upstream", var folder] => await Upstream.RunAsync(folder),
    ["access"] => AccessBenchmarks.Run(),
    ["bare", var upstream, var authority, var port, var tlsPort, var certificate, var key, var allocatedPort] =>
        await BareForwarder.RunAsync(new Uri(upstream), authority, Number(port), Number(tlsPort), certificate, key, Number(allocatedPort)),
    ["crowd", var folder, var port] => await Crowd.RunAsync(folder, Number(port)),
    ["steady", var url, var token, var seconds] => await Steady.RunAsync(new Uri(url), token, Number(seconds)),
    ["watches", var url, var token, var count, var orders, .. var authority] => await Watches.RunAsync(new Uri(url), token, Number(count), new Uri(orders), authority.SingleOrDefault()),
    ["events", var url, var token, var count, var seconds, .. var authority] => await Events.RunAsync(new Uri(url), token, Number(count), Number(seconds), authority.SingleOrDefault()),
    ["exec", var url, var token, var size, var seconds] => await Exec.RunAsync(new Uri(url), token, Number(size), Number(seconds)),
    _ => Usage(),
};

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

static int Usage()
{
    Console.Error.WriteLine("usage: upstream FOLDER | access | bare URL CA_FILE PORT TLS_PORT CERT KEY ALLOCATED_PORT | crowd FOLDER PORT | steady URL TOKEN SECONDS");
    Console.Error.WriteLine("       watches URL TOKEN COUNT ORDERS_URL [CA_FILE] | events URL TOKEN COUNT SECONDS [CA_FILE] | exec URL TOKEN SIZE SECONDS");
    return 2;
}
