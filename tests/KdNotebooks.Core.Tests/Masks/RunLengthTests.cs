using KdNotebooks.Masks;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Masks;

public sealed class RunLengthTests
{
    private static readonly Random Dice = new(5);

    // pycocotools: mask.encode of [[0, 1], [1, 1], [0, 0]] has these counts, down the columns.
    [Fact]
    public void Runs_go_down_the_columns_and_begin_with_zeros()
    {
        Assert.Equal([1, 1, 1, 2, 1], RunLength.OfBitmap([0, 1, 1, 1, 0, 0], 3, 2).Counts);
        Assert.Equal([0, 4], RunLength.OfBitmap([1, 1, 7, 1], 2, 2).Counts);
        Assert.Equal([4], RunLength.OfBitmap([false, false, false, false], 2, 2).Counts);
    }

    [Fact]
    public void A_mask_comes_back_from_each_of_its_forms()
    {
        foreach (var (bitmap, h, w) in Bitmaps())
        {
            var mask = RunLength.OfBitmap(bitmap, h, w);
            Assert.Equal(bitmap, mask.ToBitmap());
            Assert.Equal(mask, RunLength.OfCounts(mask.Counts, h, w));
            Assert.Equal(mask, RunLength.OfText(mask.ToText(), h, w));
            Assert.Equal(bitmap.Sum(pixel => pixel), mask.Area);
        }
    }

    [Fact]
    public void The_box_is_the_smallest_around_the_mask()
    {
        foreach (var (bitmap, h, w) in Bitmaps())
        {
            var seen = Enumerable.Range(0, h * w).Where(i => bitmap[i] == 1).ToArray();
            var (left, top) = seen.Length == 0 ? (0, 0) : (seen.Min(i => i % w), seen.Min(i => i / w));
            var expected = seen.Length == 0
                ? default
                : new ImageBox(left, top, seen.Max(i => i % w) + 1 - left, seen.Max(i => i / w) + 1 - top);
            Assert.Equal(expected, RunLength.OfBitmap(bitmap, h, w).Box);
        }
    }

    [Fact]
    public void What_two_masks_have_in_common_is_counted_as_pixels_are()
    {
        foreach (var (bitmap, h, w) in Bitmaps())
        {
            var other = Bitmap(h, w, Dice.NextDouble());
            var (a, b) = (RunLength.OfBitmap(bitmap, h, w), RunLength.OfBitmap(other, h, w));
            byte[] both = [.. bitmap.Zip(other, (x, y) => (byte)(x & y))];
            byte[] any = [.. bitmap.Zip(other, (x, y) => (byte)(x | y))];
            Assert.Equal(RunLength.OfBitmap(both, h, w), RunLength.Intersection(a, b));
            Assert.Equal(RunLength.OfBitmap(any, h, w), RunLength.Union(a, b));
            var common = both.Sum(pixel => pixel);
            Assert.Equal(common == 0 ? 0 : (double)common / any.Sum(pixel => pixel), a.Iou(b));
            Assert.Equal(common == 0 ? 0 : (double)common / a.Area, a.Iou(b, crowd: true));
        }
    }

    [Fact]
    public void A_patch_is_a_part_of_a_larger_image()
    {
        var patch = RunLength.OfPatch([1, 0, 1, 1, 1, 0], 2, 3, 3, 1, 6, 5);
        var whole = new byte[30];
        foreach (var i in new[] { 16, 18, 21, 22 })
        {
            whole[i] = 1;
        }

        Assert.Equal(RunLength.OfBitmap(whole, 6, 5), patch);
        Assert.Throws<KdException>(() => RunLength.OfPatch([1, 1], 2, 1, 5, 0, 6, 5));
        Assert.Throws<KdException>(() => RunLength.OfPatch([1, 1, 1], 2, 1, 0, 0, 6, 5));
    }

    [Fact]
    public void Whatever_says_the_same_mask_is_the_same()
    {
        var mask = RunLength.OfCounts([3, 0, 2, 1, 0, 0, 0], 2, 3);
        Assert.Equal(RunLength.OfBitmap([0, 0, 0, 0, 0, 1], 2, 3), mask);
        Assert.Equal([5, 1], mask.Counts);
        Assert.Equal(mask.GetHashCode(), RunLength.OfCounts([5, 1], 2, 3).GetHashCode());
        Assert.NotEqual(mask, RunLength.OfCounts([5, 1], 3, 2));
    }

    [Theory]
    [InlineData(new[] { 3, 4 }, "add up to 7 pixels; expected 4")]
    [InlineData(new[] { 5, -1 }, "number 1 is -1")]
    [InlineData(new[] { int.MaxValue, int.MaxValue, 6 }, "add up to 4294967300 pixels")]
    [InlineData(new int[0], "add up to 0 pixels")]
    public void Counts_that_are_no_mask_are_refused(int[] counts, string expected) =>
        Refused(expected, () => RunLength.OfCounts(counts, 2, 2));

    [Theory]
    [InlineData("", "add up to 0")]
    [InlineData("5", "run 0 of '5' is 5 pixels long")]
    [InlineData("P", "cut off")]
    [InlineData("4 ", "no number")]
    [InlineData("4p", "no number")]
    [InlineData("4\u0454", "no number")]
    [InlineData("oooooooooo", "too long")]
    [InlineData("N", "run 0 of 'N' is -2")]
    [InlineData("111N", "run 3 of '111N' is -1")]
    [InlineData("21", "add up to 3")]
    public void Texts_that_are_no_mask_are_refused(string text, string expected) =>
        Refused(expected, () => RunLength.OfText(text, 2, 2));

    [Fact]
    public void A_text_of_any_length_has_a_short_answer() =>
        Refused("run 0", () => RunLength.OfText("n1" + new string('o', 1_000_000), 2, 2));

    [Theory]
    [InlineData(0, 5)]
    [InlineData(5, -1)]
    [InlineData(65536, 32768)]
    public void Sizes_of_no_image_are_refused(int height, int width)
    {
        Refused("expected at least 1x1", () => RunLength.OfText("4", height, width));
        Refused("expected at least 1x1", () => RunLength.OfCounts([4], height, width));
        Refused("expected at least 1x1", () => RunLength.OfPolygon([0, 0, 1, 1, 2, 2], height, width));
        Refused("expected at least 1x1", () => RunLength.Empty(height, width));
    }

    [Fact]
    public void Masks_of_different_images_are_not_compared() =>
        Refused("3x2 and 2x3", () => RunLength.Empty(2, 3).Iou(RunLength.Empty(3, 2)));

    [Fact]
    public void A_mask_is_moved_as_its_bitmap_is()
    {
        foreach (var (bitmap, h, w) in Bitmaps())
        {
            var mask = RunLength.OfBitmap(bitmap, h, w);
            byte At(int y, int x) => y >= 0 && x >= 0 && y < h && x < w ? bitmap[(y * w) + x] : (byte)0;
            Assert.Equal(Picture(h, w, (y, x) => At(y, w - 1 - x)), mask.Mirrored());
            Assert.Equal(Picture(h + 1, 2, (y, x) => At(y - 2, x + 1)), mask.Cropped(-2, 1, h + 1, 2));
            Assert.Equal(Picture(2 * h, 3 * w, (y, x) => At(y / 2, x / 3)), mask.Resized(2 * h, 3 * w));
            Assert.Equal(mask, mask.Resized(2 * h, 3 * w).Resized(h, w));
        }

        Assert.Throws<KdException>(() => RunLength.Empty(2, 2).Sampled([0, 2], [0]));
    }

    private static RunLength Picture(int h, int w, Func<int, int, byte> pixel) => RunLength.OfBitmap(
        [.. Enumerable.Range(0, h * w).Select(i => pixel(i / w, i % w))], h, w);

    private static IEnumerable<(byte[] Bitmap, int Height, int Width)> Bitmaps()
    {
        yield return ([1], 1, 1);
        yield return ([0], 1, 1);
        for (var i = 0; i < 60; i++)
        {
            var (h, w) = (Dice.Next(1, 40), Dice.Next(1, 70));
            yield return (Bitmap(h, w, i % 10 / 9.0), h, w);
        }
    }

    private static byte[] Bitmap(int h, int w, double share) =>
        [.. Enumerable.Range(0, h * w).Select(_ => (byte)(Dice.NextDouble() < share ? 1 : 0))];

    private static void Refused(string expected, Action act)
    {
        var message = Assert.Throws<KdException>(act).Message;
        Assert.Contains(expected, message);
        Assert.DoesNotContain('\n', message);
        Assert.True(message.Length < 500, message);
    }
}
