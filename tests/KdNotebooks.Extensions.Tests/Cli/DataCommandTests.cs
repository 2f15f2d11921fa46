using KdNotebooks.Datasets;
using KdNotebooks.Tasks.Segmentation;
using SkiaSharp;

namespace KdNotebooks.Extensions.Tests.Cli;

public sealed class DataCommandTests : CommandLineTest
{
    [Fact]
    public void Scenes_are_made_the_same_twice_and_found_sound()
    {
        Assert.Equal(0, Make("one", "--train", "4", "--val", "2", "--test", "1", "--size", "40", "--seed", "3"));
        Assert.Equal(0, Make("two", "--train", "4", "--val", "2", "--test", "1", "--size", "40", "--seed", "3"));
        Assert.Contains("fashion-scenes: 4 train, 2 validation, 1 test images of 3x40x40, 11 classes", Output);
        var files = Files("one");
        Assert.Equal(files, Files("two"));
        Assert.All(files, file => Assert.Equal(
            File.ReadAllBytes(At("one", file)), File.ReadAllBytes(At("two", file))));

        Assert.Equal(0, Run("data", "verify", "fashion-scenes", "--dir", At("one")));
        Assert.Contains("4 images with their label maps", Output);
        Assert.Equal(0, Run("data", "verify", "coco", "--dir", At("one")));
        Assert.Contains("classes in 4 images; no box is without a pixel of its image", Output);
        Assert.DoesNotContain("BROKEN", Output);
        Assert.Equal("", Error);
    }

    [Fact]
    public void Verify_names_what_is_broken_and_ends_with_1()
    {
        Make("scenes", "--train", "3", "--val", "1", "--size", "32", "--test", "0");
        File.Delete(At("scenes", "gtFine", "train", "scenes00", "scenes00_000000_000001_gtFine_labelIds.png"));
        Directory.Delete(At("scenes", "leftImg8bit", "val"), true);
        Directory.Delete(At("scenes", "gtFine", "val"), true);

        Assert.Equal(1, Run("data", "verify", "fashion-scenes", "--dir", At("scenes")));
        var text = Output;
        Assert.Contains("scenes00_000000_000001_leftImg8bit.png: has no label map", text);
        Assert.Contains("the split val is empty", text);

        // As a copy of Cityscapes, whose table has these ids too, it has the same defects.
        Assert.Equal(1, Run("data", "verify", "cityscapes", "--dir", At("scenes")));
        Assert.Equal(1, Run("data", "verify", "cityscapes", "--dir", At("nowhere")));
        File.Delete(At("scenes", "images", "train_000001.png"));
        Assert.Equal(1, Run("data", "verify", "coco", "--dir", At("scenes")));
        Assert.Contains("train_000001.png", Output);
        Assert.Contains("there is no such folder", Error);
    }

    [Fact]
    public void Images_in_a_folder_a_class_are_made_and_checked()
    {
        Assert.Equal(0, Run("data", "make", "image-folder", "--out", At("f"), "--train", "30", "--val", "20", "--test", "0"));
        Assert.Contains("50 images of fashion-mnist-mini", Output);
        Assert.Equal(0, Run("data", "verify", "image-folder", "--dir", At("f")));
        Assert.Contains("30 images of 10 classes, 3 to 3 of each", Output);
        Assert.Equal(1, Run("data", "verify", "imagenet", "--dir", At("f")));
        Assert.Contains("30 images of 10 classes, which is not what ImageNet-1K has there", Output);
        var file = Directory.EnumerateFiles(At("f", "val"), "*.jpeg", SearchOption.AllDirectories).First();
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..99]);
        Assert.Equal(1, Run("data", "verify", "image-folder", "--dir", At("f")));
        Assert.Contains($"{file}: ends after 99 bytes", Output);
        File.WriteAllText(At("f", "mine"), "");
        Assert.Equal(1, Run("data", "make", "image-folder", "--out", At("f"), "--train", "30", "--val", "20"));
        Assert.Contains("holds something other", Error);
    }

    [Theory]
    [InlineData("Name its folder with --dir DIR", "data", "verify", "imagenet")]
    [InlineData("Name its folder with --dir DIR", "data", "verify", "cityscapes")]
    [InlineData("Name its folder with --dir DIR", "data", "verify", "coco")]
    [InlineData("size is 5; expected 32 to 1024", "data", "make", "fashion-scenes", "--out", "x", "--size", "5")]
    [InlineData("--out", "data", "make", "fashion-scenes")]
    [InlineData("cityscape", "data", "verify", "cityscape", "--dir", "x")]
    [InlineData("Usage: kd data make fashion-scenes [options]", "data", "make", "fashion-scenes", "--train", "many")]
    public void Wrong_usage_ends_with_2(string expected, params string[] arguments)
    {
        Assert.Equal(2, Run(arguments));
        Assert.Contains(expected, Error);
    }

    // Another decoder sees the pixels that were made, and what another encoder wrote is read.
    [Fact]
    public void Skia_reads_what_we_write_and_we_read_what_skia_writes()
    {
        Make("scenes", "--train", "1", "--val", "1", "--size", "48", "--test", "0");
        var made = FashionScenes.Make(new FashionScenesOptions(1, 1, 0, 48)).Train.Load(0);
        var (image, labels) = (At("scenes", "images", "train_000000.png"),
            At("scenes", "gtFine", "train", "scenes00", "scenes00_000000_000000_gtFine_labelIds.png"));
        var (pixels, classes) = (made.Pixels.ToArray(), LabelMap.Of(made).Labels);
        using var picture = SKBitmap.Decode(image);
        using var map = SKBitmap.Decode(labels);
        for (var i = 0; i < 48 * 48; i++)
        {
            var color = picture.GetPixel(i % 48, i / 48);
            Assert.Equal(
                (pixels[i], pixels[2304 + i], pixels[4608 + i]), (color.Red, color.Green, color.Blue));
            Assert.Equal(classes[i], map.GetPixel(i % 48, i / 48).Red);
        }

        var city = At("scenes", "leftImg8bit", "train", "scenes00", "scenes00_000000_000000_leftImg8bit.png");
        using (var data = picture.Encode(SKEncodedImageFormat.Png, 100))
        {
            File.WriteAllBytes(city, data.ToArray());
        }

        var set = CityscapesSet.Open(
            At("scenes"), "train", FashionScenes.Table, cancel: TestContext.Current.CancellationToken);
        Assert.Equal(pixels, set.Load(0).Pixels.ToArray());
    }

    private int Make(string name, params string[] options) =>
        Run(["data", "make", "fashion-scenes", "--out", At(name), .. options]);

    private List<string> Files(string name) =>
    [
        .. Directory.EnumerateFiles(At(name), "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(At(name), file)).Order(StringComparer.Ordinal),
    ];
}
