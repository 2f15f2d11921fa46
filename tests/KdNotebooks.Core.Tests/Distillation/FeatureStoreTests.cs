using KdNotebooks.Distillation;

namespace KdNotebooks.Tests.Distillation;

/// <summary>What every store must do, memory or disk.</summary>
public sealed class FeatureStoreTests : IDisposable
{
    // More than one file of the disk's.
    private const int Count = 700;

    private readonly TemporaryFolder folder = new();
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData(false, 128)]
    [InlineData(false, 100)]
    [InlineData(true, 128)]
    [InlineData(true, 100)] // does not divide a file's rows
    [InlineData(true, 700)] // more than a file's rows
    public void Rows_come_back_in_the_order_asked_for(bool disk, int chunk)
    {
        using var store = Store(disk);
        Fill(store, 0, Count, chunk);
        int[] indices = [699, 0, 511, 512, 3, 3, 130];
        Assert.Equal(indices.SelectMany(i => Expected(0, i)), store.Rows(0, "body", indices).Numbers());
        Assert.Equal(indices.Select(i => -1f * i), store.Rows(0, "", indices).Numbers());
        Assert.Equal([7, 1, 2], store.Rows(0, "body", indices).shape);
        Assert.Equal(Prints(0, Count), store.Prints(0));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Views_are_kept_apart(bool disk)
    {
        using var store = Store(disk);
        Fill(store, 2, 5, 5);
        Fill(store, 0, 5, 5);
        Assert.Equal([true, false, true], Enumerable.Range(0, 3).Select(view => store.Has(view, 5)));
        Assert.Equal(Expected(2, 4), store.Rows(2, "body", [4]).Numbers());
        Assert.Equal(Expected(0, 4), store.Rows(0, "body", [4]).Numbers());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_pass_that_is_cut_off_leaves_no_view_and_no_row_in_the_next_pass(bool disk)
    {
        using var store = Store(disk);
        store.Begin(1, Count);
        store.Append(Features(1, 600, 30), Prints(600, 30)); // rows that belong elsewhere
        Assert.False(store.Has(1, Count));
        Fill(store, 0, Count, 128);
        Assert.False(store.Has(1, Count));
        Assert.Equal(Expected(0, 0), store.Rows(0, "body", [0]).Numbers());
        Assert.Equal(Expected(0, 699), store.Rows(0, "body", [699]).Numbers());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_tensor_is_held_for_as_long_as_the_store_needs_it(bool disk)
    {
        var before = Tiny.LiveTensors;
        var store = Store(disk);
        Fill(store, 0, Count, 128);
        Assert.Equal(before + (disk ? 0 : 2), Tiny.LiveTensors);
        store.Begin(1, Count);
        using (torch.NewDisposeScope())
        {
            store.Append(Features(1, 0, 10), Prints(0, 10));
        }

        store.Dispose();
        Assert.Equal(before, Tiny.LiveTensors);
    }

    private IFeatureStore Store(bool disk) => disk
        ? new DiskFeatureStore(folder.File("cache"), new FeatureKey("t", "d", "v", ["body", ""]))
        : new MemoryFeatureStore();

    private static void Fill(IFeatureStore store, int view, int count, int chunk)
    {
        store.Begin(view, count);
        for (var from = 0; from < count; from += chunk)
        {
            using var inner = torch.NewDisposeScope();
            var length = Math.Min(chunk, count - from);
            store.Append(Features(view, from, length), Prints(from, length));
        }

        store.End();
    }

    private static Dictionary<string, Tensor> Features(int view, int from, int count) => new()
    {
        ["body"] = torch.tensor(
            Enumerable.Range(from, count).SelectMany(i => Expected(view, i)).ToArray(), [count, 1, 2]),
        [""] = torch.tensor(Enumerable.Range(from, count).Select(i => -1f * i).ToArray()),
    };

    private static UInt128[] Prints(int from, int count) =>
        [.. Enumerable.Range(from, count).Select(i => (UInt128)i)];

    private static float[] Expected(int view, int i) => [(1000 * view) + i, i + 0.5f];
}
