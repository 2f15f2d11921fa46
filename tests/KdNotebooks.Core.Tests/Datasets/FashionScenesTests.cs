using System.Diagnostics;
using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks.Classification;
using KdNotebooks.Tasks.Segmentation;
using KdNotebooks.Tests.Data;

namespace KdNotebooks.Tests.Datasets;

public sealed class FashionScenesTests
{
    private static readonly FashionScenesOptions Few = new(12, 4, 3, 48);

    [Fact]
    public void One_seed_gives_the_same_bytes_and_another_gives_others()
    {
        var (one, again, other) = (Make(Few), Make(Few), Make(Few with { Seed = 2 }));
        Assert.Equal(one.Fingerprint, again.Fingerprint);
        Assert.NotEqual(one.Train.Fingerprint, other.Train.Fingerprint);
        Assert.NotEqual(one.Validation.Fingerprint, other.Validation.Fingerprint);
    }

    // Stored results depend on it; measured on x64. Nothing but + - * / and integers is used.
    [Fact]
    public void The_scenes_never_change() => Assert.Equal(
        "0a2a54c98c19f715a04ebec2eaf8b60d6024d0b86b2fc41329a19710a4899bb8", Make(Few).Train.Fingerprint);

    [Fact]
    public void More_scenes_leave_the_first_as_they_are()
    {
        var (few, more) = (Make(Few), Make(Few with { Train = 20 }));
        Assert.Equal(
            Enumerable.Range(0, 12).Select(i => few.Train.Load(i).Pixels.ToArray()),
            Enumerable.Range(0, 12).Select(i => more.Train.Load(i).Pixels.ToArray()));
    }

    [Fact]
    public void Labels_are_the_masks_which_do_not_overlap_and_boxes_fit_them()
    {
        var classes = new HashSet<int>();
        foreach (var scene in Scenes(Make(Few).Train))
        {
            var map = LabelMap.Of(scene);
            Assert.NotEmpty(map.Things);
            for (var i = 0; i < map.Labels.Length; i++)
            {
                var owners = map.Things.Where(thing => thing.Mask[i] != 0).ToList();
                Assert.Equal(map.Labels[i] == 0 ? 0 : 1, owners.Count);
                Assert.All(owners, owner => Assert.Equal(map.Labels[i], owner.Class));
            }

            foreach (var thing in map.Things)
            {
                Assert.Equal(MaskedThing.Of(thing.Class, thing.Mask, scene.Width)!.Box, thing.Box);
                Assert.True(thing.Area >= 10, $"{scene.Name}: {thing.Area} pixels");
                classes.Add(thing.Class);
            }
        }

        Assert.Equal(Enumerable.Range(1, 10), classes.Order());
    }

    // Without its training images no training scene stays, and no other scene changes; the same for each split.
    [Fact]
    public void A_splits_scenes_depend_on_the_garments_of_that_split_alone()
    {
        var plain = Prints(Make(Few, Garments(1, 1)));
        var (training, test) = (Prints(Make(Few, Garments(2, 1))), Prints(Make(Few, Garments(1, 2))));
        Assert.Equal((plain.Train, plain.Validation), (test.Train, test.Validation));
        Assert.NotEqual(plain.Test, test.Test);
        Assert.Equal(plain.Test, training.Test);
        Assert.NotEqual(plain.Train, training.Train);

        // Train and validation are dealt out of one set in its order: the first of each class, then the next.
        var validation = Prints(Make(Few, Garments(1, 1, changedValidation: true)));
        Assert.Equal((plain.Train, plain.Test), (validation.Train, validation.Test));
        Assert.NotEqual(plain.Validation, validation.Validation);
    }

    [Fact]
    public void Garments_hide_parts_of_one_another_and_scraps_hide_parts_of_garments()
    {
        var data = Make(Few with { Train = 40 });
        var things = Scenes(data.Train).Select(scene => LabelMap.Of(scene).Things).ToList();
        var crowded = things.Count(all => all.SelectMany(
            (one, i) => all.Skip(i + 1).Select(other => Meet(one.Box, other.Box))).Any(meet => meet));
        Assert.InRange(crowded, 20, 40);
        Assert.InRange(things.Average(all => all.Count), 3, 7);
    }

    // Measured: 750 of 96x96 in 2.2 s on two busy cores, optimised. What is asked for is 600 in 30 s; a debug build
    // does that too, and the best of three tries is no other's work.
    [Fact]
    public void A_small_set_is_made_in_seconds()
    {
        FashionMnist.Mini();
        var best = Enumerable.Range(0, 3).Min(_ =>
        {
            var watch = Stopwatch.StartNew();
            Make(new FashionScenesOptions(60, 1, 0));
            return watch.Elapsed;
        });
        Assert.True(best < TimeSpan.FromSeconds(3), $"{best}");
    }

    [Fact]
    public void Options_out_of_range_and_garments_of_another_kind_are_refused()
    {
        Assert.Contains(
            "train is 0; expected 1 to", Assert.Throws<KdException>(() => new FashionScenesOptions(0)).Message);
        Assert.Contains("val is 0", Assert.Throws<KdException>(() => Few with { Validation = 0 }).Message);
        Assert.Contains("size is 31", Assert.Throws<KdException>(() => Few with { Size = 31 }).Message);
        Assert.Contains("test is -1", Assert.Throws<KdException>(() => Few with { Test = -1 }).Message);
        var sets = LabeledImages.Split("x", Samples.Images(9), Samples.Images(9, seed: 2), 2, 1, [0], [1]);
        Assert.Contains("expected square gray images in 10 classes", Assert.Throws<KdException>(
            () => Make(Few, sets)).Message);
    }

    [Fact]
    public void Without_test_scenes_there_is_no_test_split_and_made_once_they_are_kept()
    {
        Assert.Null(Make(Few with { Test = 0 }).Test);
        var options = new FashionScenesOptions(1, 1, 0, 32);
        Assert.Same(FashionScenes.Make(options), FashionScenes.Make(options with { }));
    }

    [Fact]
    public void Background_is_class_0_and_garments_follow_in_their_order()
    {
        Assert.Equal(["background", .. FashionMnist.ClassNames], FashionScenes.Table.ClassNames);
        Assert.Equal(11, FashionScenes.Table.Classes.Select(row => row.Color).Distinct().Count());
        Assert.All(FashionScenes.Table.Rows, row => Assert.Equal(row.Id, row.Class));
    }

    private static Dataset Make(FashionScenesOptions options, Dataset? garments = null) =>
        FashionScenes.Make(options, garments ?? FashionMnist.Mini(), TestContext.Current.CancellationToken);

    private static IEnumerable<Sample> Scenes(SampleSet set) => Enumerable.Range(0, set.Count).Select(set.Load);

    private static (string Train, string Validation, string Test) Prints(Dataset data) =>
        (data.Train.Fingerprint, data.Validation.Fingerprint, data.Test!.Fingerprint);

    private static bool Meet(PixelBox one, PixelBox other) =>
        Math.Max(one.Left, other.Left) < Math.Min(one.Right, other.Right)
        && Math.Max(one.Top, other.Top) < Math.Min(one.Bottom, other.Bottom);

    // Ten classes, of each two for training and one for validation: discs of random grays.
    private static Dataset Garments(ulong training, ulong test, bool changedValidation = false) => LabeledImages.Split(
        "discs", Discs(30, training, changedValidation ? 20 : 30), Discs(10, test + 100, 10), 2, 1, [0.5f], [0.5f]);

    private static ImageSet Discs(int count, ulong seed, int same)
    {
        var (random, late) = (RandomStream.Of(seed), RandomStream.Of(seed, 1));
        var pixels = new byte[count * 784];
        for (var i = 0; i < pixels.Length; i++)
        {
            var (y, x) = ((i % 784 / 28) - 14, (i % 28) - 14);
            var gray = (byte)(50 + (i / 784 < same ? random.NextInt(200) : late.NextInt(200)));
            pixels[i] = (y * y) + (x * x) < 100 ? gray : (byte)0;
        }

        return new ImageSet(
            "discs", 1, 28, 28, pixels, Enumerable.Range(0, count).Select(i => (byte)(i % 10)).ToArray(),
            FashionMnist.ClassNames);
    }
}
