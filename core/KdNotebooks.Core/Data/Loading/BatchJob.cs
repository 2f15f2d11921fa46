namespace KdNotebooks.Data;

/// <summary>A batch that is being made: each sample by whoever comes, in its own place.</summary>
/// <param name="one">Makes the sample of an index, where its pixels belong in the batch if that is known.</param>
/// <param name="bytes">Of one sample's pixels where all have as many, else 0.</param>
/// <param name="finish">Changes the finished batch; null where nothing does.</param>
internal sealed class BatchJob(
    SampleKeys keys, Func<int, Memory<byte>, Sample> one, int bytes, Func<PixelBatch, PixelBatch>? finish = null)
{
    private readonly Sample[] samples = new Sample[keys.Indices.Length];

    // Where every image has one size, each is written where it belongs in the batch at once.
    private readonly byte[]? room =
        bytes > 0 ? GC.AllocateUninitializedArray<byte>(checked(keys.Indices.Length * bytes)) : null;

    /// <summary>How many samples there are to make.</summary>
    public int Count => samples.Length;

    /// <summary>Of the pixels, where that is known before they are made; else 0.</summary>
    public long Bytes => room?.LongLength ?? 0;

    /// <returns>How many bytes of memory it took beyond <see cref="Bytes"/>.</returns>
    public long Make(int i)
    {
        samples[i] = one(keys.Indices[i], room is null ? default : room.AsMemory(i * bytes, bytes));
        return room is null ? samples[i].Pixels.Length : 0;
    }

    public PixelBatch Finish() => PixelBatch.Of(samples, keys, room) is var batch && finish is null ? batch : finish(batch);

    /// <summary>All of it by the thread that calls.</summary>
    public PixelBatch Whole()
    {
        for (var i = 0; i < Count; i++)
        {
            Make(i);
        }

        return Finish();
    }
}
