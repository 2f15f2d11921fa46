using System.Diagnostics;
using System.Text.Json;
using KdNotebooks.Datasets;
using KdNotebooks.Masks;
using KdNotebooks.Metrics;

namespace KdNotebooks.Benchmarks;

/// <summary>
/// COCO's mean average precision of 5,000 images with 100 detections each, in 80 classes, against pycocotools where the
/// Python of KD_PYTHON has it; and a file of annotations read.
/// </summary>
internal static class CocoScore
{
    private const int Images = 5000, Found = 100, Objects = 7, Classes = 80, Height = 480, Width = 640;

    public static IEnumerable<Claim> Run()
    {
        var folder = Directory.CreateTempSubdirectory("kd-coco");
        try
        {
            var (truth, results) = (Path.Combine(folder.FullName, "instances.json"), Path.Combine(folder.FullName, "results.json"));
            Write(truth, results);
            return [.. Measure(truth, results)];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static IEnumerable<Claim> Measure(string truth, string results)
    {
        var clock = Stopwatch.StartNew();
        var before = Live();
        var instances = CocoInstances.Read(truth);
        Console.WriteLine($"  {new FileInfo(truth).Length / 1e6:F1} MB of annotations read in {clock.Elapsed.TotalSeconds:F2} s, {Live() - before:F1} MB kept");
        clock.Restart();
        var found = CocoResults.Read(results, instances);
        Console.WriteLine($"  {new FileInfo(results).Length / 1e6:F1} MB of results read in {clock.Elapsed.TotalSeconds:F2} s");

        var seconds = new Dictionary<CocoRegion, double>();
        var numbers = new Dictionary<CocoRegion, CocoResult>();
        foreach (var region in new[] { CocoRegion.Box, CocoRegion.Mask })
        {
            CocoResults.Evaluate(instances, found, region); // compiled
            seconds[region] = Enumerable.Range(0, 3).Min(_ =>
            {
                clock.Restart();
                numbers[region] = CocoResults.Evaluate(instances, found, region);
                return clock.Elapsed.TotalSeconds;
            });
            Console.WriteLine($"  {region}: {seconds[region]:F2} s, AP {numbers[region].Ap:F6}");
        }

        yield return new Claim("seconds for the mAP of boxes, 5,000 images of 100 detections", seconds[CocoRegion.Box], 20, AtLeast: false, " s");
        yield return new Claim("seconds for the mAP of masks, of the same", seconds[CocoRegion.Mask], 20, AtLeast: false, " s");
        yield return new Claim("memory that an evaluation keeps of 500,000 detections", Kept(instances, found), 64, AtLeast: false, " MB");
        foreach (var (kind, region) in new[] { ("bbox", CocoRegion.Box), ("segm", CocoRegion.Mask) })
        {
            if (Reference(truth, results, kind) is not { } theirs)
            {
                Console.WriteLine("  pycocotools is not there: set KD_PYTHON to a python that has it");
                yield break;
            }

            Console.WriteLine($"  pycocotools, {kind}: {theirs.Seconds:F2} s, AP {theirs.Numbers[0]:F6}");
            yield return new Claim($"mAP of {region}, against pycocotools", theirs.Seconds / seconds[region], 5, AtLeast: true, " times");
            yield return new Claim(
                $"mAP of {region}, largest difference to pycocotools", theirs.Numbers.Zip(numbers[region].Numbers).Max(pair =>
                    pair.First == -1 && double.IsNaN(pair.Second) ? 0 : Math.Abs(pair.First - pair.Second)), 1e-9, AtLeast: false, "");
        }
    }

    private static double Kept(CocoInstances instances, IReadOnlyList<IReadOnlyList<FoundObject>> found)
    {
        var before = Live();
        var evaluation = new CocoEvaluation(Classes);
        for (var i = 0; i < found.Count; i++)
        {
            evaluation.Add(instances.Images[i].Id, instances.TruthsOf(i, CocoRegion.Box), found[i]);
        }

        var kept = Live() - before;
        GC.KeepAlive(evaluation);
        return kept;
    }

    private static double Live() => GC.GetTotalMemory(forceFullCollection: true) / 1e6;

    private static (double Seconds, double[] Numbers)? Reference(string truth, string results, string kind)
    {
        var python = Environment.GetEnvironmentVariable("KD_PYTHON") is { Length: > 0 } named ? named : "/usr/bin/python3";
        var start = new ProcessStartInfo(python) { RedirectStandardOutput = true };
        foreach (var argument in new[] { Path.Combine(AppContext.BaseDirectory, "coco_reference.py"), truth, results, kind })
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            return null;
        }

        var json = JsonDocument.Parse(text).RootElement;
        return (json.GetProperty("seconds").GetDouble(),
            [.. json.GetProperty("numbers").EnumerateArray().Select(number => number.GetDouble())]);
    }

    // Detections near objects and anywhere; scores with two digits, so that many are equal.
    private static void Write(string truth, string results)
    {
        var dice = new Random(1);
        CocoImage[] images = [.. Enumerable.Range(1, Images).Select(i => new CocoImage(i, $"{i}.jpg", Height, Width))];
        var annotations = new List<CocoAnnotation>();
        var found = new List<(int, IReadOnlyList<FoundObject>)>();
        for (var i = 0; i < Images; i++)
        {
            var objects = Enumerable.Range(0, dice.Next(2 * Objects + 1)).Select(_ => (Class: dice.Next(Classes), Box: Box(dice))).ToList();
            annotations.AddRange(objects.Select((one, k) => new CocoAnnotation(
                annotations.Count + k + 1, i, one.Class, one.Box, one.Box.Area / 2, dice.Next(50) == 0, MaskShape.OfPolygons([Ellipse(one.Box)]))).ToList());
            found.Add((i, [.. Enumerable.Range(0, Found).Select(_ =>
            {
                var near = objects.Count > 0 && dice.Next(3) > 0 ? objects[dice.Next(objects.Count)] : (dice.Next(Classes), Box(dice));
                var box = near.Item2 with { Left = near.Item2.Left + dice.Next(9), Width = near.Item2.Width * (0.8 + (0.4 * dice.NextDouble())) };
                return new FoundObject(near.Item1, dice.Next(100) / 100.0, box, RunLength.OfPolygon(Ellipse(box), Height, Width));
            })]));
        }

        var all = new CocoInstances(Enumerable.Range(1, Classes).Select(k => new CocoCategory(k, $"{k}")), images, annotations);
        all.Write(truth);
        CocoResults.Write(results, all, found);
    }

    private static ImageBox Box(Random dice)
    {
        var (width, height) = (4 + (200 * dice.NextDouble() * dice.NextDouble()), 4 + (200 * dice.NextDouble() * dice.NextDouble()));
        return new ImageBox(Math.Round(dice.NextDouble() * (Width - width), 2), Math.Round(dice.NextDouble() * (Height - height), 2),
            Math.Round(width, 2), Math.Round(height, 2));
    }

    private static double[] Ellipse(ImageBox box) => [.. Enumerable.Range(0, 16).SelectMany(i =>
    {
        var (sin, cos) = Math.SinCos(2 * Math.PI * i / 16);
        return new[] { Math.Round(box.Left + (box.Width * (1 + cos) / 2), 2), Math.Round(box.Top + (box.Height * (1 + sin) / 2), 2) };
    })];
}
