using System.Diagnostics;
using System.Text.Json;
using KdNotebooks.Data;
using KdNotebooks.Datasets;
using KdNotebooks.Distillation;
using KdNotebooks.Masks;
using KdNotebooks.Models.Detection;
using KdNotebooks.Native;
using KdNotebooks.Tasks.Detection;
using KdNotebooks.Training;

namespace KdNotebooks.Benchmarks;

/// <summary>
/// A training step of Faster R-CNN on ResNet-18 at 320x320 against torchvision's, both as they are for COCO: rounds in turn,
/// the ratio of the shortest times, for whatever else runs on the machine only adds to a time.
/// </summary>
internal static class DetectorStep
{
    private const int Rounds = 2, Steps = 2, Images = 2, Side = 320, Classes = 90, ThingsAnImage = 7;

    public static IEnumerable<Claim> Run()
    {
        var (ours, theirs) = (new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            ours.AddRange(Ours());
            theirs.AddRange(JsonDocument.Parse(
                    Python.Run("detector.py", "python3-torchvision", torch.get_num_threads(), Steps)).RootElement
                .GetProperty("step").EnumerateArray().Select(time => time.GetDouble()));
            Console.WriteLine($"  round {round}: {ours.TakeLast(Steps).Min():F0} ms a step, torchvision {theirs.TakeLast(Steps).Min():F0}");
        }

        yield return new Claim(
            "a training step of Faster R-CNN R18-FPN at 320x320, against torchvision's", theirs.Min() / ours.Min(), 1,
            AtLeast: true, " times");
    }

    private static List<double> Ours()
    {
        using var scope = torch.NewDisposeScope();
        Seed.Set(1);
        using var model = new FasterRcnnSpec(18).Build(3, Classes);
        using var trainer = Trainer(model);
        var size = new ImageSize(Side, Side);
        var batch = Batch.Of(Ops.ChannelsLast.Of(torch.randn(Images, 3, Side, Side))) with
        {
            Targets = ThingBatch.Of([.. Enumerable.Range(0, Images).Select(image => Things(image, size))], size, torch.CPU),
        };
        return [.. Enumerable.Range(0, Steps + 1).Select(step =>
        {
            var clock = Stopwatch.StartNew();
            trainer.Step(batch, new Dictionary<string, Tensor>(), new Position(1, step, Steps + 1, Steps + 1));
            return clock.Elapsed.TotalMilliseconds;
        }).Skip(1)];
    }

    /// <summary>A detector alone, with the training loop's own step.</summary>
    public static StudentTrainer Trainer(FasterRcnn model)
    {
        var scenes = FashionThings.Make(new FashionScenesOptions(2, 2, 0, 64));
        var task = new DetectionTask(
            new Dataset("two", scenes.Train, scenes.Train, null, scenes.Mean, scenes.Std), PaddedCrop.None, new DetectionSpec());
        var distiller = new Distiller(model, task, Guidance.None, TeacherMaps.None, 3, Side, Side);
        return new StudentTrainer(
            distiller, task, new StudentTrainerOptions("detector", new Sgd(1e-4), new Constant()), new Setup.NoLog(), torch.CPU);
    }

    // As in detector.py.
    private static Things Things(int image, ImageSize size) => new(
        [.. Enumerable.Range(0, ThingsAnImage).Select(i => new Thing(i, new ImageBox(
            Draw(i, image) * (Side - 120), Draw(i, image + 1e5) * (Side - 120), 16 + (100 * Draw(i, image + 2e5)),
            16 + (100 * Draw(i, image + 3e5)))))],
        size);

    private static double Draw(int index, double start)
    {
        var wave = Math.Sin((index + start) * 12.9898) * 43758.5453;
        return wave - Math.Floor(wave);
    }
}
