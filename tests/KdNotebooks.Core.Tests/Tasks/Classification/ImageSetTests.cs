using KdNotebooks.Data;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Classification;
using KdNotebooks.Tests.Data;

namespace KdNotebooks.Tests.Tasks.Classification;

public sealed class ImageSetTests
{
    [Fact]
    public void An_image_is_its_own_bytes()
    {
        var set = Samples.Images(6, channels: 3);
        Assert.Equal(3 * 4 * 5, set.ImageBytes);
        Assert.Equal(set.Pixels.Span.Slice(120, 60).ToArray(), set.Image(2).ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => set.Image(6).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => set.Image(-1).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => set.Load(6));
        Assert.Equal(set.Image(2).ToArray(), set.Load(2).Pixels.ToArray());
        Assert.Equal((new ClassIndex(2), new ImageSize(4, 5)), (set.Load(2).Target, set.Load(2).Size));
    }

    [Fact]
    public void A_slice_and_a_selection_of_the_same_images_are_equal()
    {
        var set = Samples.Images(6);
        Assert.Equal(set.Slice(2, 3).Fingerprint, set.Select([2, 3, 4]).Fingerprint);
        Assert.NotEqual(set.Slice(2, 3).Fingerprint, set.Select([4, 3, 2]).Fingerprint);
    }

    [Theory]
    [InlineData(-1, 2)]
    [InlineData(5, 2)]
    [InlineData(0, 7)]
    [InlineData(0, 0)]
    [InlineData(2, int.MaxValue)]
    public void A_slice_outside_the_set_is_refused(int start, int count)
    {
        var error = Assert.Throws<KdException>(() => Samples.Images(6).Slice(start, count));
        Assert.Contains("6 images", error.Message);
    }

    [Fact]
    public void Pixels_that_were_changed_in_place_show_after_a_refresh()
    {
        var pixels = new byte[] { 1, 2, 3, 4 };
        var set = new ImageSet("mine", 1, 1, 2, pixels, new byte[] { 0, 1 }, Samples.Classes);
        var before = set.Fingerprint;
        pixels[3] = 5;
        set.Refresh(cancel: TestContext.Current.CancellationToken);
        Assert.NotEqual(before, set.Fingerprint);
        pixels[3] = 4;
        set.Refresh(cancel: TestContext.Current.CancellationToken);
        Assert.Equal(before, set.Fingerprint);
    }

    [Fact]
    public void The_fingerprint_changes_with_a_pixel_a_label_and_the_shape_but_not_with_the_name()
    {
        byte[] pixels = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
        byte[] otherPixels = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13];
        string Print(byte[] data, byte last, int height, string name = "x") =>
            new ImageSet(name, 1, height, 6 / height, data, new byte[] { 0, last }, Samples.Classes).Fingerprint;

        string[] prints = [Print(pixels, 1, 2), Print(otherPixels, 1, 2), Print(pixels, 2, 2), Print(pixels, 1, 3)];
        Assert.Equal(4, prints.Distinct().Count());
        Assert.Equal(prints[0], Print(pixels, 1, 2, "y"));
        Assert.All(prints, print => Assert.Matches("^[0-9a-f]{64}$", print));
    }

    [Fact]
    public void Sizes_that_do_not_fit_together_are_refused()
    {
        var error = Assert.Throws<KdException>(
            () => new ImageSet("x", 1, 2, 2, new byte[9], new byte[2], Samples.Classes));
        Assert.Contains("2x1x2x2", error.Message);
        Assert.Throws<KdException>(
            () => new ImageSet("x", 1, 2, 2, Array.Empty<byte>(), Array.Empty<byte>(), Samples.Classes));
        Assert.Throws<KdException>(() => new ImageSet("x", 0, 2, 2, Array.Empty<byte>(), new byte[2], Samples.Classes));
    }

    [Fact]
    public void A_label_without_a_class_is_refused()
    {
        var error = Assert.Throws<KdException>(
            () => new ImageSet("x", 1, 1, 1, new byte[2], new byte[] { 0, 3 }, Samples.Classes));
        Assert.Contains("label 3", error.Message);
    }
}
