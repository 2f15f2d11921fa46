using System.Diagnostics;
using System.Text.Json;
using KdNotebooks.Data;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Data;

public sealed class AugmentationTests
{
    private const int Height = 5;
    private const int Width = 4;

    [Fact]
    public void Every_view_is_a_crop_of_the_padded_image_mirrored_or_not()
    {
        var image = Image(2);
        var augmentation = new Augmentation(Padding: 2);
        var seen = new HashSet<(int, int, bool)>();
        for (var sample = 0; sample < 2000; sample++)
        {
            var view = Apply(augmentation, image, seed: 1, view: 0, sample, channels: 2);
            var found = Crops(2).Where(crop => Crop(image, 2, crop).SequenceEqual(view)).ToArray();
            Assert.Single(found);
            seen.Add(found[0]);
        }

        Assert.Equal(5 * 5 * 2, seen.Count);
    }

    [Fact]
    public void An_image_is_a_function_of_seed_view_and_sample_alone()
    {
        var (image, augmentation) = (Image(1), new Augmentation());
        var first = Enumerable.Range(0, 50).Select(sample => Apply(augmentation, image, 3, 2, sample)).ToArray();
        foreach (var sample in Enumerable.Range(0, 50).Reverse())
        {
            Assert.Equal(first[sample], Apply(augmentation, image, 3, 2, sample));
        }
    }

    [Fact]
    public void Seed_view_and_sample_each_change_the_image()
    {
        var (image, augmentation) = (Image(1), new Augmentation());
        string Run(int seed, int view, int first) => string.Join(
            ";",
            Enumerable.Range(first, 20)
                .Select(sample => Convert.ToHexString(Apply(augmentation, image, seed, view, sample))));
        Assert.Equal(4, new[] { Run(1, 0, 0), Run(2, 0, 0), Run(1, 1, 0), Run(1, 0, 20) }.Distinct().Count());
    }

    [Fact]
    public void Its_own_seed_takes_the_place_of_the_runs()
    {
        var image = Image(1);
        var own = new Augmentation(Seed: 9);
        for (var sample = 0; sample < 20; sample++)
        {
            Assert.Equal(Apply(own, image, 1, 0, sample), Apply(own, image, 2, 0, sample));
            Assert.Equal(Apply(own, image, 1, 0, sample), Apply(new Augmentation(), image, 9, 0, sample));
        }
    }

    [Fact]
    public void Without_the_flip_the_crops_stay_the_same()
    {
        var image = Image(1);
        for (var sample = 0; sample < 50; sample++)
        {
            var plain = Apply(new Augmentation(Flip: false), image, 1, 0, sample);
            var flipped = Apply(new Augmentation(), image, 1, 0, sample);
            Assert.True(flipped.SequenceEqual(plain) || flipped.SequenceEqual(Mirror(plain)));
        }
    }

    [Fact]
    public void None_changes_nothing_and_padding_wider_than_the_image_is_no_error()
    {
        Assert.Equal(Image(2), Apply(Augmentation.None, Image(2), 1, 4, 7, channels: 2));
        for (var sample = 0; sample < 200; sample++)
        {
            Apply(new Augmentation(Padding: 9), Image(1), 1, 0, sample);
        }
    }

    [Fact]
    public void Epochs_share_views_where_their_number_is_bounded()
    {
        Assert.Equal([0, 1, 2, 3, 4], Enumerable.Range(1, 5).Select(new Augmentation().View));
        Assert.Equal([0, 1, 0, 1, 0], Enumerable.Range(1, 5).Select(new Augmentation(Views: 2).View));
        Assert.Equal([0, 0, 0, 0, 0], Enumerable.Range(1, 5).Select(Augmentation.None.View));
        Assert.Throws<KdException>(() => new Augmentation().View(0));
    }

    [Fact]
    public void Options_out_of_range_are_refused_however_they_are_set()
    {
        Assert.Throws<KdException>(() => new Augmentation(Padding: -1));
        Assert.Throws<KdException>(() => new Augmentation() with { Padding = 129 });
        Assert.Throws<KdException>(() => new Augmentation(Views: -1));
        Assert.Throws<KdException>(() => new Augmentation().Apply(new byte[20], new byte[19], 1, 5, 4, 1, 0, 0));
    }

    [Fact]
    public void It_round_trips_through_json()
    {
        var augmentation = new Augmentation(3, false, 2, 7);
        var json = JsonSerializer.Serialize(augmentation);
        Assert.Equal("""{"Flip":false,"Seed":7,"Padding":3,"Views":2}""", json);
        Assert.Equal(augmentation, JsonSerializer.Deserialize<Augmentation>(json));
        Assert.Equal(new Augmentation(), JsonSerializer.Deserialize<Augmentation>("{}"));
    }

    // From a second implementation, in Python; every stored result depends on it.
    [Fact]
    public void Crops_and_flips_never_change()
    {
        var drawn = Enumerable.Range(0, 6).Select(sample =>
        {
            var view = Apply(new Augmentation(), Image(1), seed: 42, view: 1, sample);
            return Crops(2).Single(crop => Crop(Image(1), 1, crop).SequenceEqual(view));
        });
        Assert.Equal(
            "1,0,- -2,-2,- -2,-1,- 0,-2,m 2,-2,m 0,2,-",
            string.Join(" ", drawn.Select(c => $"{c.Down},{c.Right},{(c.Mirrored ? "m" : "-")}")));
    }

    // Measured 0.03 ms in an optimised build; the bound leaves room for a debug build on a busy machine.
    [Fact]
    public void A_batch_of_128_takes_well_under_a_training_step()
    {
        var (image, target, augmentation) = (new byte[784], new byte[784], new Augmentation());
        var best = TimeSpan.MaxValue;
        for (var repeat = 0; repeat < 20; repeat++)
        {
            var watch = Stopwatch.StartNew();
            for (var sample = 0; sample < 128; sample++)
            {
                augmentation.Apply(image, target, 1, 28, 28, 1, repeat, sample);
            }

            best = watch.Elapsed < best ? watch.Elapsed : best;
        }

        Assert.True(best < TimeSpan.FromMilliseconds(1), $"{best.TotalMilliseconds} ms");
    }

    // No two pixels alike and none zero, so that a crop tells its place.
    private static byte[] Image(int channels) =>
        [.. Enumerable.Range(1, channels * Height * Width).Select(i => (byte)i)];

    private static byte[] Apply(
        Augmentation augmentation, byte[] image, long seed, int view, int sample, int channels = 1)
    {
        var target = Enumerable.Repeat((byte)255, image.Length).ToArray();
        augmentation.Apply(image, target, channels, Height, Width, seed, view, sample);
        return target;
    }

    private static IEnumerable<(int Down, int Right, bool Mirrored)> Crops(int padding) =>
        from down in Enumerable.Range(-padding, (2 * padding) + 1)
        from right in Enumerable.Range(-padding, (2 * padding) + 1)
        from mirrored in new[] { false, true }
        select (down, right, mirrored);

    // Pixel by pixel, as one would write it down.
    private static byte[] Crop(byte[] image, int channels, (int Down, int Right, bool Mirrored) crop)
    {
        var result = new byte[image.Length];
        for (var i = 0; i < image.Length; i++)
        {
            var (channel, row, column) = (i / (Height * Width), i / Width % Height, i % Width);
            var y = row + crop.Down;
            var x = (crop.Mirrored ? Width - 1 - column : column) + crop.Right;
            if (y is >= 0 and < Height && x is >= 0 and < Width)
            {
                result[i] = image[(channel * Height * Width) + (y * Width) + x];
            }
        }

        return result;
    }

    private static byte[] Mirror(byte[] image) =>
        [.. Enumerable.Range(0, image.Length).Select(i => image[(i / Width * Width) + Width - 1 - (i % Width)])];
}
