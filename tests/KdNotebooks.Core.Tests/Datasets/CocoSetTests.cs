using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Masks;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Detection;
using KdNotebooks.Tests.Data.Formats;
using SkiaSharp;

namespace KdNotebooks.Tests.Datasets;

public sealed class CocoSetTests : IDisposable
{
    private readonly CocoCopy copy = new();

    public void Dispose() => copy.Dispose();

    [Fact]
    public void Scenes_in_COCOs_layout_are_the_things_in_memory()
    {
        var options = new FashionScenesOptions(5, 4, 3, 48);
        FashionScenesFolder.Write(copy.File("scenes"), options);

        var read = KnownDatasets.Open(new DataSpec("coco", Folder: copy.File("scenes")));
        var made = FashionThings.Make(options);

        Assert.Equal(made.Mean, read.Mean);
        Assert.Equal(made.Std, read.Std);
        Assert.Equal(made.ClassNames, read.ClassNames);
        Assert.All(
            new[] { (made.Train, read.Train), (made.Validation, read.Validation), (made.Test!, read.Test!) }, pair =>
            {
                var (one, other) = pair;
                Assert.Equal((one.Count, one.OneSize), (other.Count, other.OneSize));
                Assert.All(Enumerable.Range(0, one.Count), i => Same(one.Load(i), other.Load(i)));
            });
        Assert.Equal(2, KnownDatasets.Open(new DataSpec("coco", 2, Folder: copy.File("scenes"))).Train.Count);
    }

    [Fact]
    public void Its_images_may_be_JPEG()
    {
        var options = new FashionScenesOptions(3, 2, 0, 64);
        FashionScenesFolder.Write(copy.File("scenes"), options);
        foreach (var png in Directory.GetFiles(copy.File("scenes/images")))
        {
            using var bitmap = SKBitmap.Decode(png);
            using var data = bitmap.Encode(SKEncodedImageFormat.Jpeg, 97);
            File.WriteAllBytes(Path.ChangeExtension(png, "jpg"), data.ToArray());
            File.Delete(png);
        }

        foreach (var json in Directory.GetFiles(copy.File("scenes/annotations")))
        {
            File.WriteAllText(json, File.ReadAllText(json).Replace(".png", ".jpg"));
        }

        var (read, made) = (Open(copy.File("scenes")), FashionThings.Make(options));
        Assert.All(Enumerable.Range(0, 3), i =>
        {
            var (one, other) = (made.Train.Load(i), read.Train.Load(i));
            Assert.Equal(Things.Of(one).All.Select(thing => thing.Box), Things.Of(other).All.Select(thing => thing.Box));
            var difference = one.Pixels.ToArray().Zip(other.Pixels.ToArray(), (a, b) => Math.Abs(a - b)).Average();
            Assert.InRange(difference, 0.01, 6);
        });
    }

    [Fact]
    public void Classes_are_the_categories_by_their_ids_whatever_gaps_these_have()
    {
        var set = copy.Train();
        Assert.Equal(["bat", "cat", "rat"], set.ClassNames);
        Assert.Equal([3, 7, 90], [.. Enumerable.Range(0, 3).Select(set.CategoryOf)]);
        Assert.Equal([1, 2], set.ThingsOf(0).All.Concat(set.ThingsOf(1).All).Select(thing => thing.Class));
        Assert.Equal(2, set.ImageIdOf(1));
        Assert.Equal(RunLength.OfPolygon([2, 3, 12, 3, 12, 9, 2, 9], 12, 20), set.ThingsOf(0).All[0].Mask);
        Assert.Equal(60, set.ThingsOf(0).All[0].Area);
    }

    [Fact]
    public void Training_images_without_an_object_to_learn_from_are_left_out_unless_asked_for()
    {
        string[] annotations =
        [
            CocoCopy.One(1, 1, 7), CocoCopy.One(2, 1, 7, crowd: 1), CocoCopy.One(3, 2, 7, crowd: 1),
            CocoCopy.One(4, 3, 7, "[2, 3, 0, 6]"), CocoCopy.One(5, 1, 7, "[2, 3, 4, 0]"),
        ];
        copy.Annotate("train2017", annotations);
        copy.Annotate("val2017", annotations);

        var data = Open(copy.Path);
        var train = (CocoSet)data.Train;
        Assert.Equal((1, 4), (data.Train.Count, data.Validation.Count));
        Assert.Null(data.Test);
        Assert.Equal([1L, 2], train.ThingsOf(0).All.Select(thing => thing.Id));
        Assert.Equal([false, true], train.ThingsOf(0).All.Select(thing => thing.Crowd));
        Assert.Collection(
            train.Remarks,
            remark => Assert.Contains("2 boxes without a pixel of their image are left out of training: annotations 4, 5", remark),
            remark => Assert.Contains("3 of 4 images have no object to learn from", remark));

        var all = KnownDatasets.Open(new DataSpec("coco", Folder: copy.Path, KeepEmpty: true));
        Assert.Equal(4, all.Train.Count);
        Assert.Empty(((CocoSet)all.Train).ThingsOf(2).All);
        Assert.NotEqual(train.Fingerprint, all.Train.Fingerprint);
    }

    [Theory]
    [InlineData("annotation 31 is of image 9, which is not listed", 31, 9, 7, "[2, 3, 10, 6]", "[]")]
    [InlineData("annotation 32 has category 4, which is not listed", 32, 1, 4, "[2, 3, 10, 6]", "[]")]
    [InlineData("annotation 33 has the box [20, 3, 10.5, 6], which lies outside its image 2 of 20x12", 33, 2, 7, "[20, 3, 10.5, 6]", "[]")]
    [InlineData("annotation 34 has the box [1, -8, 4, 8], which lies outside", 34, 2, 7, "[1, -8, 4, 8]", "[]")]
    [InlineData(
        "annotation 35 has a mask of 12x20 pixels", 35, 2, 7, "[2, 3, 10, 6]", """{"size": [20, 12], "counts": [240]}""")]
    [InlineData("annotation 2 comes twice", 2, 2, 7, "[2, 3, 10, 6]", "[]")]
    public void What_cannot_be_learned_from_is_named_by_annotation_before_a_pixel_is_read(
        string message, int id, int image, int category, string box, string mask)
    {
        copy.Annotate("train2017", CocoCopy.One(1, 1, 7), CocoCopy.One(2, 2, 7), CocoCopy.One(id, image, category, box, mask: mask));
        Assert.Contains(message, Refused());
        Assert.DoesNotContain('\n', Refused());
    }

    [Fact]
    public void An_image_that_is_missing_or_of_another_size_is_named_with_its_annotations()
    {
        copy.Annotate("train2017", CocoCopy.One(8, 1, 7), CocoCopy.One(9, 2, 7), CocoCopy.One(10, 2, 7));
        File.Delete(copy.File("train2017/1.jpg"));
        Assert.Matches("1.jpg: is missing; annotation 8 is made on it", Refused());

        File.WriteAllBytes(copy.File("train2017/1.jpg"), CocoCopy.Jpeg(20, 12));
        File.WriteAllBytes(copy.File("train2017/2.jpg"), CocoCopy.Jpeg(21, 12));
        Assert.Contains("is 21x12 pixels large, its annotations say 20x12; annotation 9 and 1 more are made on it", Refused());

        File.WriteAllText(copy.File("train2017/1.jpg"), "no image");
        var both = Refused();
        Assert.Contains("2 problems.\n", both);
        Assert.Contains("1.jpg: is neither a PNG nor a JPEG file", both);
    }

    [Fact]
    public void An_image_that_EXIF_turns_counts_as_it_is_stored()
    {
        var turned = JpegGolden.Of("turned by EXIF (6)"); // 29 x 19 as stored
        foreach (var name in new[] { "train2017/1.jpg", "val2017/1.jpg", "val2017/2.jpg", "val2017/3.jpg", "val2017/4.jpg" })
        {
            File.WriteAllBytes(copy.File(name), turned.File);
        }

        copy.Annotate("train2017", 29, 19, CocoCopy.One(1, 1, 7));
        Assert.Equal(turned.Planes, copy.Train().Load(0).Pixels.ToArray());

        copy.Annotate("train2017", 19, 29, CocoCopy.One(1, 1, 7));
        Assert.Contains("its EXIF orientation (6) turns it for viewers", Refused());

        copy.Annotate("val2017", 29, 19, CocoCopy.One(1, 1, 7));
        Assert.Contains(
            CocoCheck.Folder(copy.Path),
            finding => finding.Sound && finding.Message.Contains("4 images have an EXIF orientation, which is not applied"));
    }

    [Fact]
    public void A_damaged_image_is_named_when_it_is_loaded_and_by_a_check()
    {
        File.WriteAllBytes(copy.File("train2017/2.jpg"), CocoCopy.Jpeg(20, 12)[..^30]);
        var error = Assert.Throws<DataFileException>(() => copy.Train().Load(1));
        Assert.Contains("2.jpg: ends after", error.Message);
        Assert.Contains(
            CocoCheck.Folder(copy.Path), finding => !finding.Sound && finding.Message.Contains("ends after"));
    }

    // What a decoder shows without a word: once its contents are known, a file's codes are looked at.
    [Fact]
    public void Damage_within_the_pixels_is_named_in_training_and_by_a_check()
    {
        var path = copy.File("train2017/2.jpg");
        var file = File.ReadAllBytes(path);
        File.WriteAllBytes(path, [.. file[..^120], .. file[^60..]]);
        var set = copy.Train();
        set.Refresh(cancel: TestContext.Current.CancellationToken);
        Assert.Matches("2.jpg: is damaged: its ", Assert.Throws<DataFileException>(() => set.Load(1)).Message);
        Assert.Equal(set.Load(0).Pixels.ToArray(), set.Load(0).Pixels.ToArray());
        Assert.Contains(CocoCheck.Folder(copy.Path), finding => !finding.Sound && finding.File == path);
    }

    [Fact]
    public void A_box_that_leaves_its_image_by_more_than_a_pixel_is_said_and_kept()
    {
        copy.Annotate("train2017", CocoCopy.One(41, 1, 7, "[15, 3, 10, 6]"), CocoCopy.One(42, 1, 7, "[10, 3, 10.5, 6]"));
        var set = copy.Train();
        Assert.Contains(set.Remarks, remark => remark.Contains("1 boxes leave their image by more than a pixel: annotations 41"));
        Assert.Equal(25, set.ThingsOf(0).All[0].Box.Right);
        Assert.Contains(CocoCheck.Folder(copy.Path), finding => finding.Sound && finding.Message.Contains("annotations 41"));
    }

    [Fact]
    public void A_copy_has_the_same_fingerprint_and_what_differs_has_another()
    {
        using var other = new CocoCopy();
        Assert.Equal(copy.Train().Fingerprint, other.Train().Fingerprint);
        File.WriteAllBytes(other.File("train2017/1.jpg"), CocoCopy.Jpeg(20, 12, seed: 99));
        Assert.NotEqual(copy.Train().Fingerprint, other.Train().Fingerprint);
        copy.Annotate("train2017", CocoCopy.One(1, 1, 7), CocoCopy.One(2, 2, 7));
        Assert.NotEqual(copy.Train().Fingerprint, other.Train().Fingerprint);
    }

    [Fact]
    public void What_changes_while_it_is_in_use_is_refused()
    {
        var set = copy.Train();
        _ = set.Fingerprint;
        File.WriteAllBytes(copy.File("train2017/1.jpg"), CocoCopy.Jpeg(20, 12, seed: 98));
        Assert.Contains("has changed since", Assert.Throws<DataFileException>(() => set.Load(0)).Message);
        Assert.Equal(set.Load(1).Pixels.ToArray(), set.Load(1).Pixels.ToArray());
        copy.Annotate("train2017", CocoCopy.One(1, 1, 7));
        Assert.Contains("has changed since", Assert.Throws<DataFileException>(
            () => set.Refresh(cancel: TestContext.Current.CancellationToken)).Message);
    }

    [Fact]
    public void A_split_that_may_be_two_files_or_is_none_is_said()
    {
        copy.Annotate("train2014", CocoCopy.One(1, 1, 7));
        Assert.Equal(2, copy.Train().Count); // 2017 is the usual one
        copy.Annotate("train", CocoCopy.One(1, 1, 7));
        Assert.Contains("instances_train.json, instances_train2017.json; expected one file", Refused());
        Assert.Contains("no instances_test*.json", Assert.Throws<KdException>(
            () => CocoSet.Open(copy.Path, "test", cancel: TestContext.Current.CancellationToken)).Message);
        Assert.Contains("name the folder (`data (Coco.folder", Assert.Throws<KdException>(
            () => KnownDatasets.Open(new DataSpec("coco"))).Message);
        Assert.Contains("keepEmpty, which is of 'coco'", Assert.Throws<KdException>(
            () => KnownDatasets.Open(new DataSpec("fashion-things", KeepEmpty: true))).Message);
    }

    [Fact]
    public void Masks_are_asked_for_before_training()
    {
        copy.Annotate("val2017", CocoCopy.One(1, 1, 7), CocoCopy.One(17, 2, 7, mask: "[]"));
        var task = new DetectionTask(Open(copy.Path), PaddedCrop.None, new DetectionSpec(Masks: true));
        Assert.Contains("boxes without masks (annotation 17)", Assert.Throws<KdException>(() => task.RequireTrainable(1)).Message);
    }

    private static Dataset Open(string folder) =>
        CocoSet.OpenData(folder, cancel: TestContext.Current.CancellationToken);

    private string Refused() => Assert.ThrowsAny<KdException>(() => copy.Train()).Message;

    private static void Same(Sample one, Sample other)
    {
        Assert.Equal(one.Pixels.ToArray(), other.Pixels.ToArray());
        Assert.Equal(
            Things.Of(one).All.Select(thing => (thing.Class, thing.Box, thing.Mask, thing.Crowd, thing.Area, thing.Id)),
            Things.Of(other).All.Select(thing => (thing.Class, thing.Box, thing.Mask, thing.Crowd, thing.Area, thing.Id)));
    }
}
