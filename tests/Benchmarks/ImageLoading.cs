using System.Diagnostics;
using System.Text.Json;
using KdNotebooks.Data;
using KdNotebooks.Datasets;
using SkiaSharp;

namespace KdNotebooks.Benchmarks;

/// <summary>
/// A folder of JPEGs of 500x375 pixels read as normalized batches of 224x224 (random resized crop, flip): processor time an image
/// against torchvision's with Pillow, rounds of both in turn; two threads against one; ten times the images.
/// </summary>
internal static class ImageLoading
{
    private const int Images = 256, Batch = 32, Rounds = 3;

    public static IEnumerable<Claim> Run()
    {
        var folder = Directory.CreateTempSubdirectory("kd-images-").FullName;
        try
        {
            var bytes = Write(folder);
            Environment.SetEnvironmentVariable("KD_IMAGES", folder);
            var (data, many) = (Open(folder, "train"), Open(folder, "many"));
            Epoch(data, 1, 1);
            var (ours, theirs, one, two, ten) = (new List<double>(), new List<double>(), new List<double>(), new List<double>(), new List<double>());
            for (var round = 1; round <= Rounds; round++)
            {
                var (wall, processor) = Epoch(data, round, 1);
                ours.Add(processor);
                one.Add(wall);
                two.Add(Epoch(data, round, 2).Wall);
                theirs.Add(JsonDocument.Parse(Python.Run("loading.py", "python3-torchvision", 1, 1)).RootElement.GetProperty("seconds").GetDouble());
                Console.WriteLine($"  round {round}: {1000 * ours[^1]:F2} ms of processor time an image, torchvision {1000 * theirs[^1]:F2}; "
                    + $"{1000 * one[^1]:F2} ms with one thread, {1000 * two[^1]:F2} with two");
            }

            var before = Resident();
            ten.Add(Epoch(many, 1, 1).Processor);
            var after = Resident();
            Console.WriteLine($"  files of {bytes / Images / 1024.0:F0} KB; resident {before:F0} MB after {Images} images, {after:F0} MB after {10 * Images}");
            return
            [
                new Claim("a JPEG as part of a normalized batch, against torchvision with Pillow", theirs.Min() / ours.Min(), 1.5, AtLeast: true, " times"),
                new Claim("two threads against one", one.Min() / two.Min(), 1.6, AtLeast: true, " times"),
                new Claim("processor time an image of ten times the images", ten.Min() / ours.Min(), 1.2, AtLeast: false, " times"),
                new Claim("resident memory after ten times the images", 100 * (after - before) / before, 10, AtLeast: false, " %"),
            ];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static SampleSet Open(string folder, string split)
    {
        var place = Path.Combine(folder, "of-" + split);
        Directory.CreateDirectory(place);
        Directory.CreateSymbolicLink(Path.Combine(place, "train"), Path.Combine(folder, split));
        return ImageFolder.Open(place, new ImageFolderOptions(HoldOut: 0.01)).Train;
    }

    private static (double Wall, double Processor) Epoch(SampleSet set, int epoch, int workers)
    {
        var (clock, began, images) = (Stopwatch.StartNew(), Process.GetCurrentProcess().TotalProcessorTime, 0);
        foreach (var pixels in new BatchLoader(set, Batch, 1, new RandomResizedCrop(224), workers: workers).Epoch(epoch))
        {
            using var scope = torch.NewDisposeScope();
            images += pixels.On(Dataset.ImageNetMean, Dataset.ImageNetStd, torch.CPU).Count;
        }

        return (clock.Elapsed.TotalSeconds / images, (Process.GetCurrentProcess().TotalProcessorTime - began).TotalSeconds / images);
    }

    // As many bytes as ImageNet's have; "many" is ten links to each.
    private static long Write(string folder)
    {
        var sum = 0L;
        for (var i = 0; i < Images; i++)
        {
            var (bytes, name) = (Jpeg(i), Path.Combine(folder, "train", $"{i % 4}", $"{i}.jpg"));
            Directory.CreateDirectory(Path.GetDirectoryName(name)!);
            File.WriteAllBytes(name, bytes);
            sum += bytes.Length;
            for (var copy = 0; copy < 10; copy++)
            {
                var link = Path.Combine(folder, "many", $"{i % 4}", $"{i}-{copy}.jpg");
                Directory.CreateDirectory(Path.GetDirectoryName(link)!);
                File.CreateSymbolicLink(link, name);
            }
        }

        return sum;
    }

    // Waves of several lengths and some noise.
    private static byte[] Jpeg(int seed)
    {
        var random = new Random(seed);
        using var bitmap = new SKBitmap(500, 375, SKColorType.Rgba8888, SKAlphaType.Opaque);
        var waves = Enumerable.Range(0, 12).Select(i => (
            X: (random.NextDouble() - 0.5) * Math.Pow(1.5, i) / 40, Y: (random.NextDouble() - 0.5) * Math.Pow(1.5, i) / 40, Start: random.NextDouble() * 6, Size: 60 / (1 + i * 0.6))).ToList();
        for (var at = 0; at < 500 * 375; at++)
        {
            for (var channel = 0; channel < 3; channel++)
            {
                var value = 127.0 + random.Next(-8, 8);
                foreach (var wave in waves)
                {
                    value += wave.Size * Math.Sin((at % 500 * wave.X) + (at / 500 * wave.Y) + wave.Start + (channel * 0.7));
                }

                unsafe
                {
                    ((byte*)bitmap.GetPixels())[(4 * at) + channel] = (byte)Math.Clamp(value, 0, 255);
                }
            }
        }

        using var data = bitmap.Encode(SKEncodedImageFormat.Jpeg, 90);
        return data.ToArray();
    }

    private static double Resident()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        var line = File.ReadLines("/proc/self/status").First(text => text.StartsWith("VmRSS", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) / 1024;
    }
}
