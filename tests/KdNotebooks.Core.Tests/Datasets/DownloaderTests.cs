using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using KdNotebooks.Datasets;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Datasets;

public sealed class DownloaderTests : IDisposable
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 31 / 7))];
    private static readonly string Sha256 = Convert.ToHexStringLower(SHA256.HashData(Content));

    private readonly TemporaryFolder _folder = new();
    private readonly Bars _bars = new();

    private string Target => _folder.File("file.gz");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_file_arrives_whole_with_a_bar_and_nothing_beside_it()
    {
        using var server = new LocalServer((_, asked) => LocalServer.Serve(Content, asked));
        await FetchAsync(server, "new/file.gz");
        Assert.Equal(Content, File.ReadAllBytes(_folder.File("new/file.gz")));
        Assert.Equal(["file.gz"], Directory.EnumerateFiles(_folder.File("new")).Select(Path.GetFileName));
        Assert.Equal("Downloading file.gz: 300000 of 300000 bytes, closed", Assert.Single(_bars.Seen).ToString());
    }

    [Fact]
    public async Task The_right_file_is_not_fetched_again_and_a_wrong_one_is_replaced()
    {
        using var server = new LocalServer((_, asked) => LocalServer.Serve(Content, asked));
        _folder.Write("file.gz", Content);
        await FetchAsync(server);
        Assert.Empty(server.Requests);
        _folder.Write("file.gz", [1]);
        await FetchAsync(server);
        Assert.Equal(Content, File.ReadAllBytes(Target));
    }

    [Fact]
    public async Task A_cut_connection_is_resumed_where_it_broke()
    {
        using var server = new LocalServer((number, asked) => number switch
        {
            1 => LocalServer.Cut(LocalServer.Serve(Content, asked), 100_000),
            2 => LocalServer.Cut(LocalServer.Serve(Content, asked), 50_000),
            _ => LocalServer.Serve(Content, asked),
        });
        await FetchAsync(server);
        Assert.Equal(Content, File.ReadAllBytes(Target));
        Assert.Equal([null, 100_000, 150_000], server.Requests.Select(asked => asked.From));
        Assert.Equal([null, "\"1\"", "\"1\""], server.Requests.Select(asked => asked.IfRange));
        Assert.Equal(["file.gz"], _folder.Names);
    }

    [Fact]
    public async Task A_later_process_goes_on_where_an_earlier_one_was_cut_off()
    {
        using (var server = new LocalServer(
            (_, asked) => LocalServer.Cut(LocalServer.Serve(Content, asked), asked.From is null ? 100_000 : 0)))
        {
            var error = await Assert.ThrowsAsync<KdException>(() => FetchAsync(server));
            Assert.Contains("3 attempts", error.Message);
            Assert.Contains("The 100000 bytes that came are kept", error.Message);
        }

        Assert.Equal(["file.gz.part", "file.gz.part.tag"], _folder.Names);
        using var mended = new LocalServer((_, asked) => LocalServer.Serve(Content, asked));
        await FetchAsync(mended);
        Assert.Equal(new Asked("/file.gz", 100_000, "\"1\""), Assert.Single(mended.Requests));
        Assert.Equal(Content, File.ReadAllBytes(Target));
        Assert.Equal(["file.gz"], _folder.Names);
    }

    [Fact]
    public async Task A_server_without_ranges_begins_anew()
    {
        using var server = new LocalServer((number, _) => LocalServer.Cut(
            LocalServer.Serve(Content, new Asked("", null, null)), number == 1 ? 100_000 : Content.Length));
        await FetchAsync(server);
        Assert.Equal(Content, File.ReadAllBytes(Target));
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task A_file_that_changed_on_the_server_is_not_glued_to_the_old_part()
    {
        _folder.Write("file.gz.part", new byte[1000]);
        File.WriteAllText(Target + ".part.tag", "\"old\"");
        using var server = new LocalServer((_, asked) => LocalServer.Serve(Content, asked));
        await FetchAsync(server);
        Assert.Equal("\"old\"", Assert.Single(server.Requests).IfRange);
        Assert.Equal(Content, File.ReadAllBytes(Target));
    }

    [Fact]
    public async Task A_stale_part_of_no_known_version_is_given_up_after_the_checksum()
    {
        _folder.Write("file.gz.part", new byte[1000]);
        using var server = new LocalServer((_, asked) => LocalServer.Serve(Content, asked));
        await FetchAsync(server);
        Assert.Equal([1000, null], server.Requests.Select(asked => asked.From));
        Assert.Equal(Content, File.ReadAllBytes(Target));
    }

    [Fact]
    public async Task A_part_longer_than_the_file_is_given_up()
    {
        _folder.Write("file.gz.part", new byte[Content.Length + 1]);
        using var server = new LocalServer((_, asked) => LocalServer.Serve(Content, asked));
        await FetchAsync(server);
        Assert.Equal(Content, File.ReadAllBytes(Target));
    }

    [Fact]
    public async Task A_part_that_is_the_whole_file_is_taken()
    {
        _folder.Write("file.gz.part", Content);
        using var server = new LocalServer((_, asked) => LocalServer.Serve(Content, asked));
        await FetchAsync(server);
        Assert.Single(server.Requests);
        Assert.Equal(["file.gz"], _folder.Names);
    }

    [Fact]
    public async Task A_wrong_checksum_leaves_nothing_behind()
    {
        using var server = new LocalServer((_, asked) => LocalServer.Serve("<html>Sign in</html>"u8.ToArray(), asked));
        var error = await Assert.ThrowsAsync<KdException>(() => FetchAsync(server));
        Assert.Contains(Sha256, error.Message);
        Assert.Empty(_folder.Names);
    }

    [Fact]
    public async Task A_wrong_checksum_leaves_the_file_that_was_there()
    {
        _folder.Write("file.gz", [1, 2, 3]);
        using var server = new LocalServer((_, asked) => LocalServer.Serve([4, 5], asked));
        await Assert.ThrowsAsync<KdException>(() => FetchAsync(server));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(Target));
        Assert.Equal(["file.gz"], _folder.Names);
    }

    [Fact]
    public async Task A_missing_page_is_named_at_once_and_leaves_nothing_behind()
    {
        using var server = new LocalServer((_, _) => new("404 Not Found", ["Content-Length: 0"], []));
        var error = await Assert.ThrowsAsync<KdException>(() => FetchAsync(server));
        Assert.Contains($"{server.Address}file.gz: the server answered 404 (Not Found)", error.Message);
        Assert.Single(server.Requests);
        Assert.Empty(_folder.Names);
    }

    [Fact]
    public async Task A_server_that_is_overloaded_is_asked_again()
    {
        using var server = new LocalServer((number, asked) => number < 3
            ? new("503 Service Unavailable", ["Content-Length: 0"], [])
            : LocalServer.Serve(Content, asked));
        await FetchAsync(server);
        Assert.Equal(Content, File.ReadAllBytes(Target));
    }

    [Fact]
    public async Task A_server_that_cannot_be_reached_is_named()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var address = new Uri($"http://127.0.0.1:{port}/file.gz");
        var error = await Assert.ThrowsAsync<KdException>(() => FetchAsync(address));
        Assert.Contains($"{address}: could not be fetched in 3 attempts", error.Message);
        Assert.Empty(_folder.Names);
    }

    [Fact]
    public async Task A_server_that_falls_silent_is_given_up()
    {
        using var server = new LocalServer(
            (_, asked) => LocalServer.Cut(LocalServer.Serve(Content, asked), 10, thenHang: true));
        var error = await Assert.ThrowsAsync<KdException>(() => FetchAsync(server, patience: 0.1));
        Assert.Contains("nothing came for 0.1 seconds", error.Message);
    }

    [Fact]
    public async Task A_cancellation_keeps_the_part_for_the_next_try()
    {
        using var cancel = new CancellationTokenSource();
        _bars.OnReport = done => { if (done >= 100_000) { cancel.Cancel(); } };
        using (var hanging = new LocalServer(
            (_, asked) => LocalServer.Cut(LocalServer.Serve(Content, asked), 100_000, thenHang: true)))
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => FetchAsync(hanging, stop: cancel));
        }

        Assert.Equal(100_000, new FileInfo(Target + ".part").Length);
        using var server = new LocalServer((_, asked) => LocalServer.Serve(Content, asked));
        await FetchAsync(server);
        Assert.Equal(100_000, Assert.Single(server.Requests).From);
        Assert.Equal(Content, File.ReadAllBytes(Target));
    }

    [Fact]
    public async Task A_second_download_of_the_same_file_is_refused()
    {
        using var server = new LocalServer((_, asked) => LocalServer.Serve(Content, asked));
        using var first = new FileStream(Target + ".part", FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        var error = await Assert.ThrowsAsync<KdException>(() => FetchAsync(server));
        Assert.Contains("another download", error.Message);
    }

    private Task FetchAsync(
        LocalServer server, string name = "file.gz", double patience = 30, CancellationTokenSource? stop = null) =>
        FetchAsync(new Uri(server.Address, "file.gz"), name, patience, stop);

    private Task FetchAsync(
        Uri source, string name = "file.gz", double patience = 30, CancellationTokenSource? stop = null) =>
        new Downloader(3, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(patience)).FetchAsync(
            source, _folder.File(name), Sha256,
            new RunContext(_bars, _folder.Path, stop?.Token ?? TestContext.Current.CancellationToken));

    private sealed class Bars : IProgressReporter
    {
        public List<Bar> Seen { get; } = [];

        public Action<long>? OnReport { get; set; }

        public IProgressTask Start(string title, long total, string unit)
        {
            var bar = new Bar(this, title, total, unit);
            Seen.Add(bar);
            return bar;
        }
    }

    private sealed class Bar(Bars owner, string title, long total, string unit) : IProgressTask
    {
        private long _done;
        private bool _closed;

        public void Report(long done, string? note = null)
        {
            _done = done;
            owner.OnReport?.Invoke(done);
        }

        public void Dispose() => _closed = true;

        public override string ToString() => $"{title}: {_done} of {total} {unit}{(_closed ? ", closed" : "")}";
    }
}
