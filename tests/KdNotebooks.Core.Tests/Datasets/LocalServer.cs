using System.Net;
using System.Net.Sockets;
using System.Text;

namespace KdNotebooks.Tests.Datasets;

/// <summary>What a request asked for, and how the server is to answer it.</summary>
/// <param name="From">The first byte of the range; null where no range was asked for.</param>
/// <param name="IfRange">The version that the range was asked of; null where none was named.</param>
internal sealed record Asked(string Path, long? From, string? IfRange);

/// <summary>Raw bytes of an answer; the connection is closed after them.</summary>
internal sealed record Answer(string Status, string[] Headers, byte[] Body, bool ThenHang = false);

/// <summary>A web server on this machine that answers as a test says, misbehaviour included.</summary>
internal sealed class LocalServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<int, Asked, Answer> _answer;
    private readonly Task _loop;

    /// <param name="answer">From the number of the request (from 1) and what it asks to the answer.</param>
    public LocalServer(Func<int, Asked, Answer> answer)
    {
        _answer = answer;
        _listener.Start();
        _loop = Task.Run(ServeAsync);
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    public List<Asked> Requests { get; } = [];

    /// <summary>A server as it should be: ranges, and a name for the version.</summary>
    public static Answer Serve(byte[] content, Asked asked, string tag = "\"1\"")
    {
        if (asked.From is not { } from || (asked.IfRange is { } version && version != tag))
        {
            return new("200 OK", [$"ETag: {tag}", $"Content-Length: {content.Length}"], content);
        }

        if (from >= content.Length)
        {
            return new(
                "416 Range Not Satisfiable",
                [$"Content-Range: bytes */{content.Length}", "Content-Length: 0"],
                []);
        }

        return new(
            "206 Partial Content",
            [
                $"ETag: {tag}", $"Content-Length: {content.Length - from}",
                $"Content-Range: bytes {from}-{content.Length - 1}/{content.Length}",
            ],
            content[(int)from..]);
    }

    /// <summary>The same answer, of whose body only the first bytes come.</summary>
    public static Answer Cut(Answer answer, int bytes, bool thenHang = false) =>
        answer with { Body = answer.Body[..bytes], ThenHang = thenHang };

    public void Dispose()
    {
        _stop.Cancel();
        _loop.GetAwaiter().GetResult();
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                await AnswerAsync(client.GetStream());
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the test.
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        try
        {
            var asked = await ReadAsync(stream);
            Requests.Add(asked);
            var answer = _answer(Requests.Count, asked);
            string[] head = [$"HTTP/1.1 {answer.Status}", .. answer.Headers, "Connection: close", "\r\n"];
            await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Join("\r\n", head)), _stop.Token);
            await stream.WriteAsync(answer.Body, _stop.Token);
            await stream.FlushAsync(_stop.Token);
            if (answer.ThenHang)
            {
                // Until the client hangs up.
                _ = await stream.ReadAsync(new byte[1], _stop.Token);
            }
        }
        catch (IOException)
        {
            // The client hung up.
        }
    }

    private async Task<Asked> ReadAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        var path = (await reader.ReadLineAsync(_stop.Token) ?? "").Split(' ').ElementAtOrDefault(1) ?? "";
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 } line)
        {
            headers[line[..line.IndexOf(':')]] = line[(line.IndexOf(':') + 1)..].Trim();
        }

        long? from = headers.TryGetValue("Range", out var range)
            ? long.Parse(range["bytes=".Length..].TrimEnd('-'))
            : null;
        return new Asked(path, from, headers.GetValueOrDefault("If-Range"));
    }
}
