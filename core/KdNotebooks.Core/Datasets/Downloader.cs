using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using KdNotebooks.Runtime;

namespace KdNotebooks.Datasets;

/// <summary>Fetches one file of known SHA-256; goes on where an earlier try was cut off.</summary>
public sealed class Downloader
{
    private static readonly Downloader Shared = new(attempts: 5, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));

    private static readonly HttpClient Client = new(
        new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(15) })
    {
        // A long file may take long; what is bounded is the time in which nothing comes.
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private readonly int _attempts;
    private readonly TimeSpan _pause;
    private readonly TimeSpan _patience;

    /// <param name="attempts">How often a failure that may pass is tried, in all.</param>
    /// <param name="pause">Before the second try; doubled before each further one.</param>
    /// <param name="patience">How long a server may say nothing.</param>
    internal Downloader(int attempts, TimeSpan pause, TimeSpan patience) =>
        (_attempts, _pause, _patience) = (attempts, pause, patience);

    /// <summary>
    /// Fetches the file into <paramref name="path"/>, in one step at the end; until then it grows in PATH.part, which a
    /// failure or a cancellation keeps for the next try. Does nothing where the right file is there already.
    /// </summary>
    /// <param name="sha256">Expected of the whole file, 64 hex digits. Another one leaves nothing behind.</param>
    /// <param name="context">The default value null means the current one.</param>
    /// <exception cref="KdException">The file could not be fetched, or is another one than expected.</exception>
    public static Task DownloadAsync(Uri source, string path, string sha256, RunContext? context = null) =>
        Shared.FetchAsync(source, path, sha256, context ?? RunContext.Current);

    internal async Task FetchAsync(Uri source, string path, string sha256, RunContext context)
    {
        var (progress, cancel) = (context.Progress, context.Cancellation);
        var target = Path.GetFullPath(path);
        var wanted = sha256.ToLowerInvariant();
        if (await IsThereAsync(target, wanted, cancel))
        {
            return;
        }

        using var part = PartialFile.Open(target);
        var resumed = part.Length > 0;
        await ReceiveAsync(source, part, progress, cancel);
        var came = await part.HashAsync(cancel);
        if (came != wanted && resumed)
        {
            // The bytes of the earlier try may have been another version's: once more, from the beginning.
            part.Restart(null);
            await ReceiveAsync(source, part, progress, cancel);
            came = await part.HashAsync(cancel);
        }

        if (came != wanted)
        {
            part.Discard();
            throw new KdException(
                $"{source}: came with SHA-256 {came}; expected {wanted}. Nothing was kept. Does a proxy or a login "
                + "page answer in the server's place? Otherwise fetch the file elsewhere and check it.");
        }

        part.Finish();
    }

    private async Task ReceiveAsync(Uri source, PartialFile part, IProgressReporter progress, CancellationToken cancel)
    {
        using var bar = new LazyBar(progress, $"Downloading {Path.GetFileName(source.LocalPath)}");
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await AttemptAsync(source, part, bar, cancel);
                return;
            }
            catch (Exception problem) when (MayPass(problem, cancel))
            {
                if (attempt == _attempts)
                {
                    throw new KdException(Explain(source, part, problem), problem);
                }
            }

            await Task.Delay(_pause * Math.Pow(2, attempt - 1), cancel);
        }
    }

    private async Task AttemptAsync(Uri source, PartialFile part, LazyBar bar, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(_patience);
        using var request = new HttpRequestMessage(HttpMethod.Get, source);
        if (part.Length > 0)
        {
            request.Headers.Range = new RangeHeaderValue(part.Length, null);
            request.Headers.IfRange = part.Version;
        }

        using var response = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
        if (!Accept(source, part, response))
        {
            return;
        }

        bar.Start(part.Length, response.Content.Headers.ContentLength);
        await using var body = await response.Content.ReadAsStreamAsync(patience.Token);
        var buffer = new byte[81920];
        while (await body.ReadAsync(buffer, patience.Token) is var count and > 0)
        {
            await part.AppendAsync(buffer.AsMemory(0, count), cancel);
            bar.Report(part.Length);
            patience.CancelAfter(_patience);
        }
    }

    // Whether a body follows that is to be added to the part; false where the part is complete already.
    private static bool Accept(Uri source, PartialFile part, HttpResponseMessage response)
    {
        var range = response.Content.Headers.ContentRange;
        switch (response.StatusCode)
        {
            case HttpStatusCode.OK:
                part.Restart(VersionOf(response));
                return true;
            case HttpStatusCode.PartialContent when range?.From == part.Length:
                return true;
            case HttpStatusCode.RequestedRangeNotSatisfiable when part.Length > 0 && range?.Length == part.Length:
                return false;
            case HttpStatusCode.PartialContent or HttpStatusCode.RequestedRangeNotSatisfiable:
                // Longer than the file, or another piece than asked for: the next try begins anew.
                part.Restart(null);
                throw new IOException($"the server answered {(int)response.StatusCode} with the range '{range}'");
            case HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests:
            case >= HttpStatusCode.InternalServerError:
                throw new IOException($"the server answered {(int)response.StatusCode} ({response.ReasonPhrase})");
            default:
                throw new KdException(
                    $"{source}: the server answered {(int)response.StatusCode} ({response.ReasonPhrase}); expected the "
                    + "file. Check the address.");
        }
    }

    // A weak entity tag promises no equal bytes, so that RFC 9110 (13.1.5) forbids it here.
    private static RangeConditionHeaderValue? VersionOf(HttpResponseMessage response) =>
        response.Headers.ETag is { IsWeak: false } tag ? new RangeConditionHeaderValue(tag)
        : response.Content.Headers.LastModified is { } date ? new RangeConditionHeaderValue(date)
        : null;

    private static bool MayPass(Exception problem, CancellationToken cancel) =>
        problem is HttpRequestException or IOException
        || (problem is OperationCanceledException && !cancel.IsCancellationRequested);

    private string Explain(Uri source, PartialFile part, Exception problem)
    {
        var reason = problem is OperationCanceledException
            ? $"nothing came for {_patience.TotalSeconds} seconds"
            : (problem.InnerException ?? problem).Message;
        var kept = part.Length > 0
            ? $"The {part.Length} bytes that came are kept: the same command goes on from there. "
            : "";
        return $"{source}: could not be fetched in {_attempts} attempts: {reason}. {kept}"
            + "Is there a network, and does it need a proxy (HTTP_PROXY, HTTPS_PROXY)?";
    }

    private static async Task<bool> IsThereAsync(string target, string wanted, CancellationToken cancel)
    {
        if (!File.Exists(target))
        {
            return false;
        }

        await using var stream = File.OpenRead(target);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancel)) == wanted;
    }

    // The length is known only when the server has answered.
    private sealed class LazyBar(IProgressReporter progress, string title) : IDisposable
    {
        private IProgressTask? _task;

        public void Start(long done, long? rest)
        {
            _task ??= progress.Start(title, rest is { } known ? done + known : 0, "bytes");
            _task.Report(done);
        }

        public void Report(long done) => _task?.Report(done);

        public void Dispose() => _task?.Dispose();
    }
}
