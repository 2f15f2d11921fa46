using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Models;
using KdNotebooks.Recipes;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Segmentation;
using KdNotebooks.Tests.Data.Formats;
using KdNotebooks.Tests.Runs;

namespace KdNotebooks.Tests.Datasets;

/// <summary>What is wrong with a folder of images is said before anything is trained.</summary>
public sealed class PlantedDefectTests : IDisposable
{
    private readonly TemporaryFolder root = new();

    public void Dispose() => root.Dispose();

    [Theory]
    [InlineData("id", "has label 200 at row 0, column 0, which is not in the table of FashionScenes")]
    [InlineData("size", "is 31x32 pixels large, its image")]
    [InlineData("image gone", "has no image: expected")]
    [InlineData("labels gone", "has no label map: expected")]
    [InlineData("no png", "is no PNG file")]
    [InlineData("empty val", "the split val is empty")]
    [InlineData("image truncated", "in the middle of a PNG. Fetch or write the file again.")]
    [InlineData("image empty", "is empty. Fetch or write the file again.")]
    [InlineData("image damaged", "is damaged: ")]
    [InlineData("image no png", "is no PNG file but a JPEG one")]
    [InlineData("image size", "is 32x32 pixels large, its image")]
    public void A_planted_defect_is_named_before_anything_is_trained(string defect, string message)
    {
        FashionScenesFolder.Write(
            root.File("scenes"), new FashionScenesOptions(4, 3, 2, 32),
            context: RunContext.Default with { Cancellation = TestContext.Current.CancellationToken });
        var file = Plant(defect);
        var recipe = new Recipe
        {
            Method = "none",
            Data = new("fashion-scenes", Folder: root.File("scenes")),
            Task = new SegmentationSpec(),
            Augmentation = ResizedCrop.None,
            Student = new SegmenterSpec(Width: 4),
            BatchSize = 2,
            Device = "cpu",
        };
        var sound = recipe with { Method = "sound", Data = new("fashion-scenes", 4, 3, 2, Size: 32) };

        var error = Assert.Throws<KdException>(() => Trials.Run(root.Path, sound, recipe));

        Assert.Contains(message, error.Message);
        Assert.Contains(file, error.Message);
        Assert.False(Directory.Exists(root.File("runs")), "A run was begun before the error came.");
    }

    // The file that the error is to name.
    private string Plant(string defect)
    {
        var name = FashionScenesFolder.CityscapesName(1);
        var image = root.File($"scenes/leftImg8bit/train/{name}_leftImg8bit.png");
        var labels = root.File($"scenes/gtFine/train/{name}_gtFine_labelIds.png");
        switch (defect)
        {
            case "id":
                CityFolder.Write(labels, PngSamples.Even(200, 32, 32));
                return labels;
            case "size":
                CityFolder.Write(labels, PngSamples.Even(1, 32, 31));
                return labels;
            case "no png":
                CityFolder.Write(labels, [.. "not a picture"u8]);
                return labels;
            case "image gone":
                File.Delete(image);
                return labels;
            case "labels gone":
                File.Delete(labels);
                return image;
            case "image truncated":
                File.WriteAllBytes(image, File.ReadAllBytes(image)[..^40]);
                return image;
            case "image empty":
                File.WriteAllBytes(image, []);
                return image;
            case "image damaged":
                var bytes = File.ReadAllBytes(image);
                bytes[bytes.Length / 2] ^= 4;
                File.WriteAllBytes(image, bytes);
                return image;
            case "image no png":
                File.WriteAllBytes(image, [0xFF, 0xD8, 0xFF, 0xE0, .. new byte[500]]);
                return image;
            case "image size":
                CityFolder.Write(image, PngSamples.Even(1, 31, 32));
                return image;
            default:
                Directory.Delete(root.File("scenes/leftImg8bit/val"), true);
                Directory.Delete(root.File("scenes/gtFine/val"), true);
                return root.File("scenes/leftImg8bit/val");
        }
    }
}
