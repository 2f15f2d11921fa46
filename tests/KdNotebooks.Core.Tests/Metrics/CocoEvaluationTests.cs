using System.Text.Json;
using KdNotebooks.Masks;
using KdNotebooks.Metrics;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Metrics;

public sealed class CocoEvaluationTests
{
    private static readonly ImageBox Box = new(10, 10, 20, 20);

    public static TheoryData<string, int, string> Goldens => new(
        new[] { "bbox", "segm" }.Select(kind => ("coco-map.json", 0, kind))
            .Concat(from i in Enumerable.Range(0, 7)
                    from kind in new[] { "bbox", "segm" }
                    where i < 6 || kind == "bbox"
                    select ("coco-sets.json", i, kind))
            .Select(row => new TheoryDataRow<string, int, string>(row.Item1, row.Item2, row.Item3)));

    [Theory]
    [MemberData(nameof(Goldens))]
    public void The_numbers_are_those_of_the_reference(string file, int index, string kind)
    {
        var json = JsonDocument.Parse(
            File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Metrics/golden", file))).RootElement;
        var one = file == "coco-map.json" ? json : json.GetProperty("cases")[index];
        var expected = one.GetProperty("expected").GetProperty(kind);
        var set = new CocoGolden(one);

        var result = Result(set.Scenes(kind == "segm"), set.Classes, kind == "segm" ? CocoRegion.Mask : CocoRegion.Box);

        Close(Numbers(expected.ValueKind == JsonValueKind.Array ? expected : expected.GetProperty("numbers")), result.Numbers);
        if (expected.ValueKind == JsonValueKind.Object)
        {
            Close(Numbers(expected.GetProperty("classes")), [.. result.Classes.Select(own => own.Ap)]);
            Close(Numbers(expected.GetProperty("curve")), result.Classes[0].PrecisionCurve(0.6));
        }
    }

    [Theory]
    [InlineData(CocoRegion.Box)]
    [InlineData(CocoRegion.Mask)]
    public void Random_sets_have_the_numbers_of_the_definition(CocoRegion region)
    {
        for (var seed = 0; seed < (region == CocoRegion.Box ? 10 : 4); seed++)
        {
            var scenes = CocoScenes.Random(seed, region == CocoRegion.Mask);
            Close(
                new NaiveCoco(scenes, CocoScenes.Classes, region).Numbers(),
                Result(scenes, CocoScenes.Classes, region).Numbers);
        }
    }

    [Fact]
    public void More_than_a_hundred_detections_of_a_class_are_the_hundred_best()
    {
        for (var seed = 0; seed < 1; seed++)
        {
            var scenes = CocoScenes.Random(seed, masks: false, found: 400, classes: 2);
            Assert.Contains(scenes, scene => scene.Found.Count(one => one.Class == 0) > 100);
            Close(new NaiveCoco(scenes, 2, CocoRegion.Box).Numbers(), Result(scenes, 2, CocoRegion.Box).Numbers);
        }
    }

    [Fact]
    public void Neither_the_order_of_images_nor_threads_change_a_bit()
    {
        var scenes = CocoScenes.Random(3, masks: true, images: 60);
        var expected = Result(scenes, CocoScenes.Classes, CocoRegion.Mask).Numbers;
        Assert.Equal(expected, Result([.. scenes.Reverse()], CocoScenes.Classes, CocoRegion.Mask).Numbers);

        var evaluation = new CocoEvaluation(CocoScenes.Classes, CocoRegion.Mask);
        Parallel.ForEach(scenes, scene => evaluation.Add(scene.Id, scene.Truths, scene.Found));
        Assert.Equal(expected, evaluation.Result().Numbers);
    }

    [Fact]
    public void A_result_may_be_asked_for_before_the_last_image_and_again()
    {
        var scenes = CocoScenes.Random(4, masks: false);
        var evaluation = new CocoEvaluation(CocoScenes.Classes);
        foreach (var scene in scenes)
        {
            evaluation.Add(scene.Id, scene.Truths, scene.Found);
            _ = evaluation.Result();
        }

        Assert.Equal(Result(scenes, CocoScenes.Classes, CocoRegion.Box).Numbers, evaluation.Result().Numbers);
        Assert.Equal(scenes.Count, evaluation.Images);
    }

    // Worked by hand: two objects, the surer detection is wrong, the other one right. Precision 1/2 up to recall 1/2.
    [Fact]
    public void Half_found_after_a_mistake_is_a_quarter()
    {
        var evaluation = new CocoEvaluation(2);
        evaluation.Add(
            1, [new(0, Box, 400), new(0, new ImageBox(50, 50, 9, 9), 81)],
            [new(0, 0.9, new ImageBox(80, 0, 5, 5)), new(0, 0.8, Box)]);
        var result = evaluation.Result();
        Assert.Equal(0.5 * 51 / 101, result.Ap, 12);
        Assert.Equal(0.5, result.Ar100);
        Assert.Equal(0, result.Ar1);
        Assert.Equal(2, result.Classes[0].Objects);
        Assert.True(double.IsNaN(result.Classes[1].Ap));
        Assert.True(double.IsNaN(result.ApLarge));
        Assert.Equal([.. Enumerable.Repeat(0.5, 51), .. Enumerable.Repeat(0.0, 50)], result.PrecisionCurve(0.95));
        Assert.Contains("AP large  n/a", result.ToString().Replace("   ", " ").Replace("   ", " "));
    }

    [Fact]
    public void Without_any_image_nothing_is_known() =>
        Assert.All(new CocoEvaluation(3).Result().Numbers, number => Assert.True(double.IsNaN(number)));

    [Fact]
    public void Objects_that_were_not_found_count_as_zero()
    {
        var evaluation = new CocoEvaluation(1);
        evaluation.Add(1, [new(0, Box, 400)], []);
        Assert.Equal((0.0, 0.0), (evaluation.Result().Ap, evaluation.Result().Ar100));
    }

    [Fact]
    public void An_ignored_object_is_one_object_and_a_crowd_is_many()
    {
        Assert.Equal(1, Ap(new TrueObject(0, new ImageBox(200, 200, 40, 40), 1600, Crowd: true)), 12);
        Assert.True(Ap(new TrueObject(0, new ImageBox(200, 200, 40, 40), 1600, Ignored: true)) < 0.9);

        // Two detections within it, surer than the one of the object that is to be found.
        static double Ap(TrueObject other)
        {
            var evaluation = new CocoEvaluation(1);
            evaluation.Add(1, [other, new(0, Box, 400)],
            [
                new(0, 0.9, new ImageBox(200, 200, 40, 40)), new(0, 0.8, new ImageBox(200, 200, 40, 40)), new(0, 0.5, Box),
            ]);
            return evaluation.Result().Ap;
        }
    }

    [Fact]
    public void What_cannot_be_counted_is_refused_and_nothing_of_its_image_is_counted()
    {
        var mask = RunLength.OfBox(Box, 40, 50);
        var evaluation = new CocoEvaluation(2, CocoRegion.Mask);
        Refused("object 1 of image 7 has class 2; expected 0 to 1", [True(0, mask), True(2, mask)], []);
        Refused("detection 0 of image 7 has class -1", [], [Found(-1, 1, mask)]);
        Refused("the score NaN", [], [Found(0, double.NaN, mask)]);
        Refused("has no mask", [True(0, null)], []);
        Refused("mask of 40x50 pixels, another one 50x40", [True(0, mask)], [Found(1, 1, RunLength.Empty(50, 40))]);
        Assert.Equal(0, evaluation.Images);
        evaluation.Add(7, [True(0, mask)], [Found(0, 1, mask)]);
        Refused("image 7 was added before", [], []);
        Assert.Equal(1, evaluation.Result().Ap, 12);
        Assert.Throws<KdException>(() => new CocoEvaluation(0));
        Assert.Throws<KdException>(() => evaluation.Result().PrecisionCurve(0.52));

        TrueObject True(int @class, RunLength? own) => new(@class, Box, 400, Mask: own);
        FoundObject Found(int @class, double score, RunLength? own) => new(@class, score, Box, own);
        void Refused(string expected, TrueObject[] truths, FoundObject[] found) => Assert.Contains(
            expected, Assert.Throws<KdException>(() => evaluation.Add(7, truths, found)).Message);
    }

    private static CocoResult Result(IReadOnlyList<CocoScene> scenes, int classes, CocoRegion region)
    {
        var evaluation = new CocoEvaluation(classes, region);
        foreach (var scene in scenes)
        {
            evaluation.Add(scene.Id, scene.Truths, scene.Found);
        }

        return evaluation.Result();
    }

    // The reference says -1 where nothing is known.
    private static void Close(IReadOnlyList<double> expected, IReadOnlyList<double> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        Assert.All(expected.Zip(actual), pair => Assert.True(
            pair.First == -1 ? double.IsNaN(pair.Second) : Math.Abs(pair.First - pair.Second) < 1e-9,
            $"[{string.Join(", ", expected)}] and [{string.Join(", ", actual)}]"));
    }

    private static double[] Numbers(JsonElement numbers) => [.. numbers.EnumerateArray().Select(n => n.GetDouble())];
}
