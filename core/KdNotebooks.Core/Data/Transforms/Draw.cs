using KdNotebooks.Runtime;

namespace KdNotebooks.Data;

/// <summary>What one view of one sample is drawn from: equal draws give equal numbers.</summary>
public readonly struct Draw
{
    private readonly ulong seed, view, sample;
    private readonly int step;
    private readonly Memory<byte> room;

    /// <param name="seed">The augmentation's own, else the run's.</param>
    /// <param name="view">From <see cref="IAugmentation.View"/>.</param>
    /// <param name="sample">The sample's index in its set.</param>
    /// <param name="room">Where the pixels of the result belong, if it has as many.</param>
    public Draw(long seed, int view, int sample, Memory<byte> room = default)
        : this((ulong)seed, (ulong)view, (ulong)sample, 0, room)
    {
    }

    private Draw(ulong seed, ulong view, ulong sample, int step, Memory<byte> room) =>
        (this.seed, this.view, this.sample, this.step, this.room) = (seed, view, sample, step, room);

    /// <summary>A stream of numbers of this draw alone.</summary>
    /// <param name="tag">Keeps the numbers of one use apart from those of another.</param>
    public RandomStream Random(ulong tag) => step == 0
        ? RandomStream.Of(tag, seed, view, sample)
        : RandomStream.Of(tag, seed, view, sample, (ulong)step);

    /// <summary>
    /// Where the pixels of the result are to be written: their place in the batch where they fit, else new memory. Its
    /// contents are undefined.
    /// </summary>
    /// <param name="count">C x H x W.</param>
    public Memory<byte> Pixels(int count) => room.Length == count ? room : new byte[count];

    /// <summary>For one step of several: numbers of its own, and pixels in memory of its own.</summary>
    /// <param name="number">From 0; the first draws what it would draw alone.</param>
    internal Draw Step(int number) => new(seed, view, sample, number, default);
}
