using KdNotebooks.Kernel;
using SkiaSharp;

namespace KdNotebooks.Extensions.Tests.Kernel;

public sealed class StaticFiguresPngTests
{
    [Fact]
    public void A_picture_of_few_colors_keeps_every_pixel_and_is_smaller()
    {
        using var chart = Draw(noise: false);
        var png = Png(chart);

        var small = StaticFiguresPng.Shrink(png);

        using var read = SKBitmap.Decode(small);
        Assert.Equal(chart.Pixels, read.Pixels);
        Assert.True(small.Length < png.Length);
    }

    [Fact]
    public void Of_many_colors_none_is_far_off()
    {
        using var chart = Draw(noise: true);

        using var read = SKBitmap.Decode(StaticFiguresPng.Shrink(Png(chart)));

        Assert.All(chart.Pixels.Zip(read.Pixels), pair =>
            Assert.InRange(Math.Abs(pair.First.Green - pair.Second.Green), 0, 40));
    }

    private static SKBitmap Draw(bool noise)
    {
        var bitmap = new SKBitmap(120, 80, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using var canvas = new SKCanvas(bitmap);
        canvas.Clear(SKColors.White);
        using var paint = new SKPaint { Color = new SKColor(0, 114, 178) };
        canvas.DrawRect(10, 10, 50, 40, paint);
        for (var i = 0; noise && i < 9600; i++)
        {
            bitmap.SetPixel(i % 120, i / 120, new SKColor((byte)(i * 2 % 256), (byte)(i / 40), (byte)(i % 7 * 30)));
        }

        return bitmap;
    }

    private static byte[] Png(SKBitmap bitmap)
    {
        using var data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }
}
