using KdNotebooks.Data;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Classification;

namespace KdNotebooks.Tests.Data;

public sealed class SampleSetTests
{
    [Fact]
    public void The_first_samples_are_a_set_of_their_own()
    {
        var whole = new Own(4);
        var part = whole.Take(2);
        Assert.Equal((2, 3, "own"), (part.Count, part.Channels, part.Name));
        Assert.Equal(whole.Load(1).Name, part.Load(1).Name);
        Assert.Same(whole, part.Whole);
        Assert.Same(whole, part.Take(1).Whole);
        Assert.Same(whole, whole.Take(4));
        Assert.Distinct([whole.Fingerprint, part.Fingerprint, part.Take(1).Fingerprint]);
        Assert.Throws<KdException>(() => part.Load(2)); // it is in the whole, and not in the part
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(-1)]
    public void More_than_there_are_and_none_are_refused(int count) => Assert.Equal(
        $"own: asked for {count} images; expected 1 to 4, as many as there are.",
        Assert.Throws<KdException>(() => new Own(4).Take(count)).Message);

    [Fact]
    public void An_empty_set_is_refused() =>
        Assert.Contains("own: the set is empty", Assert.Throws<KdException>(() => new Own(0)).Message);

    [Fact]
    public void Pixels_that_do_not_fill_an_image_are_named() => Assert.Equal(
        "x: an image of 11 bytes; expected 3 x 2 x 2, one byte a channel and pixel.",
        Assert.Throws<KdException>(
            () => new Sample("x", 3, new ImageSize(2, 2), new byte[11], new ClassIndex(0))).Message);

    /// <summary>What a researcher must write, and no more.</summary>
    private sealed class Own(int count) : SampleSet("own", count)
    {
        public override IReadOnlyList<string> ClassNames => Samples.Classes;

        public override string Fingerprint => new('0', 64);

        public override Sample Load(int index) =>
            new($"own {index}", 3, new ImageSize(1, 1), new byte[3], new ClassIndex(0));
    }
}
