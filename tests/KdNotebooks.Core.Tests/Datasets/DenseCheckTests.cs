using KdNotebooks.Datasets;
using KdNotebooks.Runtime;
using KdNotebooks.Tests.Data.Formats;

namespace KdNotebooks.Tests.Datasets;

public sealed class DenseCheckTests : IDisposable
{
    private readonly CityFolder city = new();

    public void Dispose() => city.Dispose();

    [Fact]
    public void A_sound_copy_has_one_finding_a_split()
    {
        var findings = Check(city.Path);
        Assert.All(findings, finding => Assert.True(finding.Sound));
        Assert.Equal(
            [
                "3 images with their label maps, fingerprint ",
                "1 images with their label maps, all labeled pixels of one class (bicycle), fingerprint ",
            ],
            findings.Select(f => f.Message[..^12]));
        var train = CityscapesSet.Open(city.Path, "train", cancel: TestContext.Current.CancellationToken);
        Assert.EndsWith(train.Fingerprint[..12], findings[0].Message);
    }

    [Fact]
    public void Every_planted_defect_is_named_and_nothing_else()
    {
        for (byte i = 10; i < 15; i++)
        {
            city.Add("train", "aachen", i, 7);
        }

        File.Delete(city.Labels("train", "aachen", 10));
        File.Delete(city.Image("train", "aachen", 11));
        CityFolder.Write(city.Labels("train", "aachen", 12), PngSamples.Even(7, 3, 6));
        CityFolder.Write(city.Labels("train", "aachen", 13), PngSamples.Even(200, 4, 6));
        CityFolder.Write(city.Image("train", "aachen", 14), PngSamples.Even(14, 4, 6)[..60]);
        CityFolder.Write(city.Labels("train", "bochum", 2), [.. "not a picture"u8]);
        Directory.Delete(Path.Combine(city.Path, "leftImg8bit", "val"), true);
        Directory.Delete(Path.Combine(city.Path, "gtFine", "val"), true);

        var findings = Check(city.Path);

        (string File, string Message)[] expected =
        [
            (city.Image("train", "aachen", 10), "has no label map"),
            (city.Labels("train", "aachen", 11), "has no image"),
            (city.Labels("train", "aachen", 12), "is 6x3 pixels large"),
            (city.Labels("train", "aachen", 13), "has label 200 at row 0, column 0"),
            (city.Image("train", "aachen", 14), "ends after 60 bytes"),
            (city.Labels("train", "bochum", 2), "is no PNG file"),
            (Path.Combine(city.Path, "leftImg8bit", "val"), "the split val is empty"),
        ];
        Assert.Equal(expected.Select(e => e.File), findings.Select(finding => finding.File));
        Assert.All(findings.Zip(expected), pair => Assert.Contains(pair.Second.Message, pair.First.Message));
        Assert.All(findings, finding => Assert.False(finding.Sound));
    }

    [Fact]
    public void A_damaged_pixel_of_an_image_is_found_though_its_size_is_right()
    {
        var bytes = PngSamples.Even(4, 4, 6);
        bytes[^20] ^= 1;
        CityFolder.Write(city.Image("val", "ulm", 4), bytes);
        Assert.Equal([city.Image("val", "ulm", 4)], Broken(Check(city.Path)));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_named() => Assert.Contains(
        "there is no such folder", Assert.Throws<KdException>(() => Check(city.Path + "x")).Message);

    [Fact]
    public void Of_fashion_scenes_the_coco_files_are_checked_too()
    {
        var place = Path.Combine(city.Path, "scenes");
        FashionScenesFolder.Write(place, new FashionScenesOptions(3, 2, 1, 32), context: Context);
        Assert.Empty(Broken(CheckScenes(place)));

        var train = Path.Combine(place, "annotations", "instances_train.json");
        var text = File.ReadAllText(train);
        File.WriteAllText(train, text.Replace("\"area\":", "\"area\":1"));
        Assert.Equal(train, Broken(CheckScenes(place)).Distinct().Single());
        File.WriteAllText(train, text[..50]);
        Assert.Equal([train], Broken(CheckScenes(place)));
        File.WriteAllText(train, text);

        var name = FashionScenesFolder.CityscapesName(1) + "_gtFine_labelIds.png";
        var labels = Path.Combine(place, "gtFine", "val", name);
        CityFolder.Write(labels, PngSamples.Even(11, 32, 32));
        var image = Path.Combine(place, "images", "test_000000.png");
        File.Delete(image);
        File.Delete(Path.Combine(place, "annotations", "instances_val.json"));
        Assert.Equal(
            [labels, Path.Combine(place, "annotations", "instances_val.json"), image],
            Broken(CheckScenes(place)));
    }

    [Fact]
    public void A_scene_without_image_and_label_map_and_a_test_split_that_is_gone_are_missed()
    {
        var place = Path.Combine(city.Path, "scenes");
        FashionScenesFolder.Write(place, new FashionScenesOptions(3, 1, 2, 32), context: Context);
        foreach (var kind in new[] { "leftImg8bit", "gtFine" })
        {
            Directory.Delete(Path.Combine(place, kind, "test"), true);
            Directory.EnumerateFiles(Path.Combine(place, kind, "train"), "*", SearchOption.AllDirectories)
                .Order().Take(1).ToList().ForEach(File.Delete);
        }

        Assert.Equal(
            [
                Path.Combine(place, "leftImg8bit", "test"), Path.Combine(place, "annotations/instances_train.json"),
                Path.Combine(place, "annotations/instances_test.json"),
            ],
            Broken(CheckScenes(place)));
    }

    private static IEnumerable<string> Broken(IReadOnlyList<DataFinding> findings) =>
        findings.Where(finding => !finding.Sound).Select(finding => finding.File);

    private static RunContext Context =>
        RunContext.Default with { Cancellation = TestContext.Current.CancellationToken };

    private static IReadOnlyList<DataFinding> Check(string folder) => DenseCheck.Cityscapes(folder, Context);

    private static IReadOnlyList<DataFinding> CheckScenes(string folder) =>
        DenseCheck.FashionScenes(folder, Context);
}
