using System.Text.Json;
using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Classification;
using KdNotebooks.Tasks.Segmentation;

namespace KdNotebooks.Tests.Data;

public sealed class ResizedCropTests
{
    private static readonly Lazy<SampleSet> Scenes =
        new(() => FashionScenes.Make(new FashionScenesOptions(20, 1, 0, 48)).Train);

    // The label map of a scene is its masks laid over background; it still is after any augmentation.
    [Theory]
    [InlineData(0, 0)]
    [InlineData(32, 40)]
    [InlineData(70, 60)]
    public void Labels_afterwards_are_the_masks_afterwards(int height, int width)
    {
        var augmentation = new ResizedCrop(height, width);
        var (padded, seen) = (0, 0);
        for (var i = 0; i < 60; i++)
        {
            var view = augmentation.Apply(Scenes.Value.Load(i % 20), new Draw(3, i / 20, i % 20));
            var map = LabelMap.Of(view);
            Assert.Equal((height == 0 ? 48 : height, width == 0 ? 48 : width), (view.Height, view.Width));
            for (var at = 0; at < map.Labels.Length; at++)
            {
                var owner = map.Things.Where(thing => thing.Mask[at] != 0).ToList();
                Assert.Equal(map.Labels[at] is 0 or 255 ? [] : [map.Labels[at]], owner.Select(o => (byte)o.Class));
            }

            Assert.All(map.Things, one =>
                Assert.Equal(MaskedThing.Of(one.Class, one.Mask, view.Width)!.Box, one.Box));
            (padded, seen) = (padded + (map.Labels.Contains((byte)255) ? 1 : 0), seen + map.Things.Count);
        }

        Assert.True(seen > 60 && (height < 40 || padded > 5), $"{seen} instances seen, {padded} padded");
    }

    // Red is the row, green the column, blue tells labelled pixels: what the label says, the image says.
    [Fact]
    public void Image_and_labels_move_alike()
    {
        const int Side = 40;
        var (image, labels) = (new byte[3 * Side * Side], new byte[Side * Side]);
        for (var i = 0; i < labels.Length; i++)
        {
            labels[i] = (byte)((i / Side / 8) + (i % Side / 8 * 2));
            (image[i], image[labels.Length + i]) = ((byte)(i / Side * 6), (byte)(i % Side * 6));
        }

        var augmentation = new ResizedCrop(30, 36, Distort: false);
        for (var sample = 0; sample < 100; sample++)
        {
            var view = augmentation.Apply(LabelMap.Sample("x", Side, Side, image, labels), new Draw(1, 0, sample));
            var (pixels, moved) = (view.Pixels.ToArray(), LabelMap.Of(view).Labels);
            for (var i = 0; i < moved.Length; i++)
            {
                if (moved[i] == 255)
                {
                    Assert.Equal(ResizedCrop.Fill[0], pixels[i]);
                    continue;
                }

                // Within half a pixel of the nearest, by linear interpolation and rounding.
                var (row, column) = (pixels[i] / 6.0, pixels[moved.Length + i] / 6.0);
                var near = Near(row).SelectMany(r => Near(column).Select(c => (byte)((r / 8) + (c / 8 * 2))));
                Assert.Contains(moved[i], near);
            }
        }

        static int[] Near(double at) =>
            [(int)Math.Max(0, Math.Floor(at - 0.6)), (int)Math.Round(at), (int)Math.Min(39, Math.Ceiling(at + 0.6))];
    }

    [Fact]
    public void A_view_is_a_function_of_seed_view_and_sample_alone()
    {
        var augmentation = new ResizedCrop(32, 32);
        string Print(ResizedCrop a, int seed, int view, int sample)
        {
            var result = a.Apply(Scenes.Value.Load(0), new Draw(seed, view, sample));
            return Convert.ToHexString(result.Pixels.Span) + Convert.ToHexString(LabelMap.Of(result).Labels);
        }

        var first = Enumerable.Range(0, 10).Select(sample => Print(augmentation, 5, 1, sample)).ToArray();
        Assert.Equal(
            first.Reverse(), Enumerable.Range(0, 10).Reverse().Select(sample => Print(augmentation, 5, 1, sample)));
        Assert.Equal(10, first.Distinct().Count());
        Assert.NotEqual(first[0], Print(augmentation, 6, 1, 0));
        Assert.NotEqual(first[0], Print(augmentation, 5, 2, 0));
    }

    [Fact]
    public void To_switch_a_step_off_leaves_the_others_as_they_were()
    {
        for (var sample = 0; sample < 20; sample++)
        {
            var scene = Scenes.Value.Load(sample);
            byte[] Labels(ResizedCrop crop) => LabelMap.Of(crop.Apply(scene, new Draw(1, 0, sample))).Labels;
            Assert.Equal(Labels(new ResizedCrop(32, 32)), Labels(new ResizedCrop(32, 32, Distort: false)));
            // No padding here, so that a mirror image is the whole line turned round.
            var flipped = Labels(new ResizedCrop(24, 24, MaxClassShare: 1));
            var plain = Labels(new ResizedCrop(24, 24, MaxClassShare: 1, Flip: false));
            Assert.True(flipped.SequenceEqual(plain)
                || flipped.SequenceEqual(plain.Chunk(24).SelectMany(line => line.Reverse())));
        }
    }

    [Fact]
    public void Half_are_mirrored_and_ratios_fill_their_range()
    {
        // The left half is class 1, the right half class 2, of 100 columns in a crop as large.
        var labels = Enumerable.Range(0, 100 * 100).Select(i => (byte)(i % 100 < 50 ? 1 : 2)).ToArray();
        var sample = LabelMap.Sample("x", 100, 100, new byte[30000], labels);
        var augmentation = new ResizedCrop(MinRatio: 0.5, MaxRatio: 1, MaxClassShare: 1, Distort: false);
        var (mirrored, widths) = (0, new List<int>());
        for (var i = 0; i < 2000; i++)
        {
            var moved = LabelMap.Of(augmentation.Apply(sample, new Draw(1, 0, i))).Labels;
            mirrored += moved[0] == 2 ? 1 : 0;
            widths.Add(moved[..100].Count(label => label != 255));
        }

        Assert.InRange(mirrored, 910, 1090); // four standard deviations
        Assert.InRange(widths.Min(), 50, 52);
        Assert.InRange(widths.Max(), 98, 100);
        Assert.InRange(widths.Average(), 73.7, 76.3);
    }

    [Fact]
    public void A_crop_of_one_class_is_drawn_again()
    {
        // Nine tenths are class 0; a crop of 20 columns sees class 1 only near the right edge.
        var labels = Enumerable.Range(0, 20 * 200).Select(i => (byte)(i % 200 < 180 ? 0 : 1)).ToArray();
        var sample = LabelMap.Sample("x", 20, 200, new byte[12000], labels);
        int Mixed(double share) => Enumerable.Range(0, 200).Count(i =>
        {
            var crop = new ResizedCrop(20, 20, 1, 1, share, false, false);
            var moved = LabelMap.Of(crop.Apply(sample, new Draw(1, 0, i))).Labels;
            return moved.CountBy(label => label).Max(entry => entry.Value) < 0.75 * moved.Length;
        });
        Assert.InRange(Mixed(1), 1, 30); // 10 of 181 places
        Assert.InRange(Mixed(0.75), 75, 130); // within eleven draws 1 - (171 / 181)^11 = 0.46
    }

    [Fact]
    public void Ignored_pixels_do_not_count_in_a_class_share()
    {
        // Ignored but for a column of each class: half and half of what is labelled.
        var labels = Enumerable.Range(0, 16).Select(i => (byte)(i % 4 < 2 ? i % 4 : 255)).ToArray();
        var sample = LabelMap.Sample("x", 4, 4, new byte[48], labels);
        var view = new ResizedCrop(0, 0, 1, 1, 0.75, false, true).Apply(sample, new Draw(1, 0, 0));
        Assert.Equal(labels, LabelMap.Of(view).Labels);
    }

    [Fact]
    public void None_gives_the_sample_itself_and_epochs_share_views()
    {
        var scene = Scenes.Value.Load(0);
        Assert.Same(scene, ResizedCrop.None.Apply(scene, new Draw(1, 0, 0)));
        static IEnumerable<int> Views(IAugmentation augmentation) => Enumerable.Range(1, 3).Select(augmentation.View);
        Assert.Equal([0, 0, 0], Views(ResizedCrop.None));
        Assert.Equal([0, 1, 0], Views(new ResizedCrop(Views: 2)));
        Assert.Equal([0, 1, 2], Views(new ResizedCrop()));
        Assert.Throws<KdException>(() => ((IAugmentation)new ResizedCrop()).View(0));
    }

    [Fact]
    public void Options_out_of_range_are_refused_and_json_keeps_them()
    {
        ResizedCrop[] wrong =
        [
            new(-1), new(0, -1), new(MinRatio: 0), new(MinRatio: 2, MaxRatio: 1), new(MaxRatio: 17),
            new(MaxClassShare: 0), new(MaxClassShare: 1.1), new(Views: -1), new(MinRatio: double.NaN),
        ];
        Assert.All(wrong, options => Assert.Throws<KdException>(
            () => options.Apply(Scenes.Value.Load(0), new Draw(1, 0, 0))));
        var own = new ResizedCrop(3, 4, 0.7, 1.5, 0.8, false, false, 2, 7);
        var json = JsonSerializer.Serialize(own);
        Assert.Equal(own, JsonSerializer.Deserialize<ResizedCrop>(json));
        Assert.DoesNotContain("Key", json);
        Assert.DoesNotContain("IsNone", json);
    }

    [Fact]
    public void It_knows_the_size_of_what_comes_out()
    {
        Assert.Equal(new ImageSize(30, 36), new ResizedCrop(30, 36).SizeOf(null));
        Assert.Equal(new ImageSize(30, 7), new ResizedCrop(30).SizeOf(new ImageSize(5, 7)));
        Assert.Equal(new ImageSize(5, 7), ResizedCrop.None.SizeOf(new ImageSize(5, 7)));
        Assert.Null(new ResizedCrop(30).SizeOf(null));
    }

    [Fact]
    public void An_image_with_one_class_is_cropped_as_its_label_map_would_be()
    {
        var scene = Scenes.Value.Load(0);
        var plain = new Sample(scene.Name, 3, scene.Size, scene.Pixels, new ClassIndex(4));
        // Any crop of an image that has no class for each pixel is mixed enough: the first that is drawn.
        var expected = new ResizedCrop(32, 32, MaxClassShare: 1).Apply(scene, new Draw(1, 0, 0));
        var view = new ResizedCrop(32, 32).Apply(plain, new Draw(1, 0, 0));
        Assert.Equal(expected.Pixels.ToArray(), view.Pixels.ToArray());
        Assert.Same(plain.Target, view.Target);
    }

    [Fact]
    public void A_gray_image_is_refused_with_what_to_take()
    {
        var gray = new Sample("garment 3", 1, new ImageSize(2, 2), new byte[4], new ClassIndex(0));
        var error = Assert.Throws<KdException>(() => new ResizedCrop().Apply(gray, new Draw(1, 0, 0)));
        Assert.Contains("ResizedCrop: garment 3 has 1 channel(s); expected the three of a color image", error.Message);
        Assert.Contains("`augment (crop 2 |> flip)`", error.Message);
    }
}
