using System.Collections.Concurrent;
using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Classification;
using KdNotebooks.Tests.Datasets;

namespace KdNotebooks.Tests.Data;

public sealed class WorkersTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Order_and_pixels_are_the_seeds_whatever_the_number_of_threads()
    {
        foreach (var split in new[] { "train", "val" })
        {
            for (var i = 0; i < 23; i++)
            {
                Directory.CreateDirectory(folder.File($"{split}/{i % 3}"));
                File.WriteAllBytes(folder.File($"{split}/{i % 3}/{i}.jpg"), CocoCopy.Jpeg(10 + (i * 7 % 31), 10 + (i * 11 % 29), i));
            }
        }

        var set = ImageFolder.Open(folder.Path, new ImageFolderOptions(12)).Train;
        var augmentation = new Chain([new RandomResizedCrop(20), new PaddedCrop(1)]);
        string Print(int workers, long bytes, int seed) => string.Join(
            '\n', new BatchLoader(set, 4, seed, augmentation, workers: workers, bytes: bytes).Epoch(3, Cancel).Select(batch =>
                $"{string.Join(' ', batch.Keys.Indices)} {string.Join(' ', batch.Targets)} {Convert.ToHexString(batch.Pixels.Span)}"));
        var expected = Print(1, 1 << 20, 5);
        Assert.Equal(expected, Print(2, 1 << 20, 5));
        Assert.Equal(expected, Print(7, 1 << 20, 5));
        Assert.Equal(expected, Print(7, 1, 5));
        Assert.NotEqual(expected, Print(7, 1 << 20, 6));
        Assert.Equal(6, expected.Split('\n').Length);
    }

    // Image 0 does not come before those of two further batches are there, which may wait, and no more are made meanwhile.
    [Fact]
    public async Task A_slow_image_holds_up_its_own_batch_alone()
    {
        using var set = new Watched(20) { HoldFirst = true };
        using var batches = BatchLoader(set, workers: 3).GetEnumerator();
        var first = Task.Run(batches.MoveNext, Cancel);
        Assert.True(SpinWait.SpinUntil(() => set.Made.Count == 11, TimeSpan.FromSeconds(30)));
        await Task.Delay(50, Cancel);
        Assert.Equal(Enumerable.Range(1, 11), set.Made.Order());
        set.Release();
        for (var number = 0; number < 5; number++)
        {
            Assert.True(number == 0 ? await first : batches.MoveNext());
            Assert.Equal(Enumerable.Range(4 * number, 4), batches.Current.Keys.Indices);
        }
    }

    [Theory]
    [InlineData(1, 3)] // one batch is always made, of whose images the first does not come
    [InlineData(5 * 12, 7)] // beside it there is room for another
    [InlineData(1000, 43)] // as many as may wait
    public async Task What_waits_is_bounded_by_its_bytes(long bytes, int images)
    {
        using var set = new Watched(100) { HoldFirst = true };
        using var batches = BatchLoader(set, workers: 3, ahead: 10, bytes).GetEnumerator();
        var first = Task.Run(batches.MoveNext, Cancel);
        Assert.True(SpinWait.SpinUntil(() => set.Made.Count == images, TimeSpan.FromSeconds(30)));
        await Task.Delay(50, Cancel);
        Assert.Equal(images, set.Made.Count);
        set.Release();
        Assert.True(await first);
    }

    [Theory]
    [InlineData("left")]
    [InlineData("cancelled")]
    [InlineData("failed")]
    [InlineData("ended")]
    public void No_thread_is_left(string how)
    {
        using var set = new Watched(30) { Broken = how == "failed" ? [9, 8] : [] };
        using var source = new CancellationTokenSource();
        var error = Record.Exception(() =>
        {
            foreach (var batch in new BatchLoader(set, 4, 1, workers: 5).Epoch(1, source.Token))
            {
                if (how == "cancelled")
                {
                    source.Cancel();
                }
                else if (how == "left")
                {
                    break;
                }
            }
        });
        Assert.True(how switch
        {
            "cancelled" => error is OperationCanceledException,
            "failed" => error is DataFileException,
            _ => error is null,
        });
        Assert.NotEmpty(set.Threads);
        Assert.All(set.Threads.Keys, thread => Assert.False(thread.IsAlive));
    }

    // Of two that are broken in one batch the first in its order, however fast the other one was.
    [Fact]
    public void An_error_comes_in_the_place_of_its_batch()
    {
        for (var round = 0; round < 10; round++)
        {
            using var set = new Watched(30) { Broken = [9, 11, 17] };
            var seen = 0;
            var error = Assert.Throws<DataFileException>(() =>
            {
                foreach (var batch in BatchLoader(set, workers: 4))
                {
                    seen += batch.Count;
                }
            });
            Assert.Equal((8, "9"), (seen, error.File));
        }
    }

    [Fact]
    public void Numbers_out_of_range_are_refused()
    {
        using var set = new Watched(3);
        Assert.Throws<KdException>(() => new BatchLoader(set, 1, 1, workers: 0));
        Assert.Throws<KdException>(() => new BatchLoader(set, 1, 1, bytes: 0));
    }

    // In the set's order; what is loaded is what is made.
    private static IEnumerable<PixelBatch> BatchLoader(Watched set, int workers, int ahead = 2, long bytes = 1 << 20) =>
        Workers.Enumerate(
            set.Count / 4, number => new BatchJob(new SampleKeys([.. Enumerable.Range(4 * number, 4)], 0), (i, _) => set.Load(i), 0),
            new LoaderOptions(ahead, bytes, workers), Cancel);

    /// <summary>Images of 12 bytes that say who asked for them.</summary>
    private sealed class Watched(int count) : SampleSet("watched", count), IDisposable
    {
        private readonly ManualResetEventSlim gate = new();

        public bool HoldFirst { get; init; }

        public int[] Broken { get; init; } = [];

        public ConcurrentBag<int> Made { get; } = [];

        public ConcurrentDictionary<Thread, bool> Threads { get; } = [];

        public override IReadOnlyList<string> ClassNames => ["one"];

        public override string Fingerprint => "watched";

        public void Release() => gate.Set();

        public void Dispose() => gate.Dispose();

        public override Sample Load(int index)
        {
            Threads[Thread.CurrentThread] = true;
            if (HoldFirst && index == 0)
            {
                gate.Wait(TestContext.Current.CancellationToken);
            }

            if (Broken.Contains(index))
            {
                throw new DataFileException($"{index}", "is broken", "Mend it.");
            }

            Made.Add(index);
            return new Sample($"{index}", 3, new ImageSize(2, 2), new byte[12], new ClassIndex(0));
        }
    }
}
