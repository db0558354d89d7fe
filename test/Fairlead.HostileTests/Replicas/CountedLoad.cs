using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Fairlead.Testing.Gateways;

namespace Fairlead.HostileTests.Replicas;

/// <summary>Clients that ask without a pause, each request with a name of its own, and keep what came back.</summary>
internal sealed class CountedLoad : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, string> _answers = new(StringComparer.Ordinal);
    private readonly HttpClient _client;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _running;
    private int _count;

    public CountedLoad(int port, int clients = 6)
    {
        Clients = clients;
        // No request is sent twice by the client either: each is asked for once.
        _client = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMilliseconds(500) }) { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")) };
        _client.DefaultRequestHeaders.Authorization = new("Bearer", TestGateway.Token);
        _running = Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(AskAsync)));
    }

    /// <summary>How many ask at the same time.</summary>
    public int Clients { get; }

    /// <summary>What was answered, by the target that the API server sees: a status, or the name of a failure.</summary>
    public IReadOnlyDictionary<string, string> Answers => _answers;

    /// <summary>Waits until that many more have been answered.</summary>
    public Task MoreAsync(int count)
    {
        var before = _answers.Count;
        return Testing.Eventually.BeTrueAsync(() => _answers.Count >= before + count, $"{count} more answers");
    }

    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _client.Dispose();
        _stopping.Dispose();
    }

    private async Task AskAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            var number = Interlocked.Increment(ref _count);
            var isRead = number % 2 == 0;
            var target = string.Create(CultureInfo.InvariantCulture, $"/api/v1/namespaces/a/{(isRead ? "pods" : "configmaps")}?number={number}");
            using var request = new HttpRequestMessage(isRead ? HttpMethod.Get : HttpMethod.Post, "/clusters/kind" + target);
            if (!isRead)
            {
                request.Content = new StringContent("{}");
            }

            try
            {
                using var response = await _client.SendAsync(request);
                var body = await response.Content.ReadAsStringAsync();
                _answers[target] = response.StatusCode is HttpStatusCode.OK ? "OK" : $"{response.StatusCode} {body}";
            }
            catch (HttpRequestException exception)
            {
                _answers[target] = exception.HttpRequestError.ToString();
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5));
        }
    }
}
