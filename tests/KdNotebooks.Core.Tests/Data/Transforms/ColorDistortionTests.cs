using KdNotebooks.Data;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Data;

public sealed class ColorDistortionTests
{
    [Fact]
    public void Gray_stays_grey_and_greys_keep_their_order()
    {
        var changed = 0;
        for (ulong seed = 0; seed < 100; seed++)
        {
            byte[] image = [10, 100, 200, 10, 100, 200, 10, 100, 200];
            ColorDistortion.Apply(image, new Dice(RandomStream.Of(seed)));
            Assert.Equal(image[..3], image[3..6]);
            Assert.Equal(image[..3], image[6..]);
            Assert.Equal(image[..3].Order(), image[..3]);
            changed += image[1] == 100 ? 0 : 1;
        }

        Assert.InRange(changed, 55, 95); // brightness, contrast or both: three quarters
    }

    [Fact]
    public void Brightness_and_contrast_stay_in_their_ranges()
    {
        var values = Enumerable.Range(0, 3000).Select(seed =>
        {
            byte[] image = [100, 100, 100];
            ColorDistortion.Apply(image, new Dice(RandomStream.Of((ulong)seed)));
            return (int)image[0];
        }).ToList();
        Assert.InRange(values.Min(), 34, 50); // (100 - 32) * 0.5
        Assert.InRange(values.Max(), 180, 198); // (100 + 32) * 1.5
        Assert.InRange(values.Average(), 97, 103);
        Assert.InRange(values.Count(value => value == 100) / 3000.0, 0.22, 0.31);
    }

    // Saturation and hue keep the largest of three; hue turns a pure red by up to 36 degrees, towards yellow or violet.
    [Fact]
    public void Hue_turns_by_at_most_36_degrees_and_saturation_by_half()
    {
        var (most, pale) = (0, 255);
        for (ulong seed = 0; seed < 2000; seed++)
        {
            byte[] image = [200, 0, 0];
            ColorDistortion.Apply(image, new Dice(RandomStream.Of(seed)));
            var (red, green, blue) = (image[0], image[1], image[2]);
            Assert.True(red >= green && red >= blue);
            if (red == 200)
            {
                Assert.InRange(Math.Max(green, blue), 0, 100 + (100 * 36 / 60) + 1);
                (most, pale) = (Math.Max(most, Math.Abs(green - blue)), Math.Min(pale, red - Math.Min(green, blue)));
            }
        }

        Assert.InRange(most, 105, 121); // 200 * 36 / 60
        Assert.InRange(pale, 99, 110);
    }
}
