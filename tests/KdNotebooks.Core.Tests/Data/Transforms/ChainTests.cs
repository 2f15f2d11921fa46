using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Segmentation;

namespace KdNotebooks.Tests.Data;

public sealed class ChainTests
{
    private static readonly Lazy<SampleSet> Scenes =
        new(() => FashionScenes.Make(new FashionScenesOptions(4, 1, 0, 48)).Train);

    private static readonly ResizedCrop Resized = new(32, 40);
    private static readonly PaddedCrop Padded = new(4);

    [Fact]
    public void One_step_alone_draws_as_it_does_alone()
    {
        foreach (var step in new IAugmentation[] { Resized, Padded })
        {
            Assert.All(Enumerable.Range(0, 20), i => Assert.Equal(Print(step, i), Print(new Chain([step]), i)));
            Assert.All(
                Enumerable.Range(0, 20),
                i => Assert.Equal(Print(step, i), Print(new Chain([step, PaddedCrop.None]), i)));
        }
    }

    [Fact]
    public void Each_step_gets_what_the_one_before_made()
    {
        for (var i = 0; i < 20; i++)
        {
            var draw = new Draw(3, 1, i);
            var first = Resized.Apply(Scene(i), draw);
            var expected = Padded.Apply(first, draw.Step(1));
            var came = new Chain([Resized, Padded]).Apply(Scene(i), draw);
            Assert.Equal(expected.Pixels.ToArray(), came.Pixels.ToArray());
            Assert.Equal(LabelMap.Of(expected).Labels, LabelMap.Of(came).Labels);
            Assert.Equal((32, 40), (came.Height, came.Width));
        }
    }

    // Twice the same step with the same numbers would move an image by even numbers alone.
    [Fact]
    public void Steps_draw_numbers_of_their_own()
    {
        var step = new PaddedCrop(1, Flip: false);
        var single = Enumerable.Range(0, 50).Select(i => Print(step, i)).ToList();
        var second = Enumerable.Range(0, 50).Select(i => Print(step, new Draw(3, 1, i).Step(1), i)).ToList();
        Assert.InRange(single.Zip(second).Count(pair => pair.First == pair.Second), 0, 20);
    }

    [Fact]
    public void Nothing_is_written_into_the_room_of_the_batch_but_by_the_last()
    {
        var (room, draw) = (new byte[3 * 32 * 40], new Draw(3, 1, 0));
        var alone = new Chain([Resized, Padded]).Apply(Scene(0), draw).Pixels.ToArray();
        var came = new Chain([Resized, Padded]).Apply(Scene(0), new Draw(3, 1, 0, room)).Pixels.ToArray();
        Assert.Equal(alone, came);
    }

    [Fact]
    public void Views_and_seed_are_the_chains()
    {
        IAugmentation chain = new Chain([Resized with { Views = 7, Seed = 5 }], Views: 2, Seed: 9);
        Assert.Equal((2, 9), (chain.Views, chain.Seed));
        Assert.Equal([0, 1, 0], Enumerable.Range(1, 3).Select(chain.View));
        Assert.Equal(Print(new Chain([Resized]), 0), Print(chain, 0));
    }

    [Fact]
    public void It_knows_its_size_its_key_and_whether_it_does_anything()
    {
        var chain = new Chain([Resized, Padded]);
        Assert.Equal(new ImageSize(32, 40), chain.SizeOf(null));
        Assert.Equal(new ImageSize(5, 7), new Chain([Padded]).SizeOf(new ImageSize(5, 7)));
        Assert.Equal($"{Resized.Key}; then {Padded.Key}", chain.Key);
        Assert.False(chain.IsNone);
        IAugmentation none = new Chain([PaddedCrop.None, ResizedCrop.None]);
        Assert.True(none.IsNone);
        Assert.Equal(0, none.View(3));
        Assert.Same(Scenes.Value.Load(0), none.Apply(Scenes.Value.Load(0), new Draw(1, 0, 0)));
    }

    [Fact]
    public void Chains_of_equal_steps_are_equal_and_one_without_steps_is_refused()
    {
        static Chain One() => new([new ResizedCrop(2), new PaddedCrop()]);
        Assert.Equal(One(), One());
        Assert.Equal(One().GetHashCode(), One().GetHashCode());
        Assert.NotEqual(new Chain([Resized, Padded]), new Chain([Padded, Resized]));
        Assert.NotEqual(new Chain([Resized]), new Chain([Resized], Views: 1));
        Assert.Contains("no step came", Assert.Throws<KdException>(() => new Chain([])).Message);
        Assert.Throws<KdException>(() => new Chain([Padded], Views: -1));
    }

    private static Sample Scene(int i) => Scenes.Value.Load(i % 4);

    private static string Print(IAugmentation augmentation, int i) => Print(augmentation, new Draw(3, 1, i), i);

    private static string Print(IAugmentation augmentation, Draw draw, int i)
    {
        var view = augmentation.Apply(Scene(i), draw);
        return Convert.ToHexString(view.Pixels.Span) + Convert.ToHexString(LabelMap.Of(view).Labels);
    }
}
