using System.Diagnostics;
using System.Text.Json;
using KdNotebooks.Ops;

namespace KdNotebooks.Benchmarks;

/// <summary>
/// Pooling regions and suppressing boxes against torchvision: rounds of both in turn, ratios of the shortest times, for
/// whatever else runs on the machine only adds to a time.
/// </summary>
internal static class AgainstTorchvision
{
    private const int Rounds = 3, Repeats = 5, Images = 2, Channels = 256, Side = 800, Regions = 512;

    private static readonly int[] Counts = [1000, 4000, 10000];

    public static IEnumerable<Claim> Run()
    {
        var (ours, theirs) = (new List<Dictionary<string, double>>(), new List<Dictionary<string, double>>());
        for (var round = 0; round < Rounds; round++)
        {
            ours.Add(Ours());
            theirs.Add(Theirs());
            Console.WriteLine($"  round {round}: " + string.Join("; ", ours[^1].Keys.Select(what =>
                $"{what} {ours[^1][what]:F2}, torchvision {theirs[^1][what]:F2} ms")));
        }

        return ours[0].Keys.Select(what => new Claim(
            $"{what}, against torchvision", theirs.Min(times => times[what]) / ours.Min(times => times[what]), 1,
            AtLeast: true, " times"));
    }

    private static Dictionary<string, double> Ours()
    {
        using var scope = torch.NewDisposeScope();
        var times = new Dictionary<string, double>();
        foreach (var (size, count) in new[] { (7, Regions), (14, Regions / 4) })
        {
            var maps = Enumerable.Range(2, 4).Select(level => ChannelsLast.Of(
                torch.randn(Images, Channels, Side >> level, Side >> level)).requires_grad_(true)).ToList();
            var rois = RoiAlign.Rois(Boxes(count, Side, 16, 400, 1).chunk(Images));
            double[] scales = [0.25, 0.125, 0.0625, 0.03125];
            var slope = torch.ones(count, Channels, size, size);
            using (torch.no_grad())
            {
                times[Forward(size)] = Shortest(() => RoiAlign.PoolLevels(maps, rois, size, scales));
            }

            times[Both(size)] = Shortest(() =>
            {
                maps.ForEach(map => map.grad = null);
                RoiAlign.PoolLevels(maps, rois, size, scales).backward([slope]);
            });
        }

        foreach (var count in Counts)
        {
            var (boxes, scores) = (Boxes(count, 300, 8, 80, 7), Draws(count, 9e5).to(torch.float32));
            times[Suppression(count)] = Shortest(() => Nms.Keep(boxes, scores, 0.5));
        }

        return times;
    }

    private static Dictionary<string, double> Theirs()
    {
        var found = JsonDocument.Parse(
            Python.Run("regions.py", "python3-torchvision", torch.get_num_threads(), Repeats)).RootElement;
        var times = new Dictionary<string, double>();
        foreach (var size in new[] { 7, 14 })
        {
            times[Forward(size)] = found.GetProperty($"pool{size}").GetProperty("forward").GetDouble();
            times[Both(size)] = found.GetProperty($"pool{size}").GetProperty("both").GetDouble();
        }

        foreach (var count in Counts)
        {
            times[Suppression(count)] = found.GetProperty("nms").GetProperty($"{count}").GetDouble();
        }

        return times;
    }

    private static string Forward(int size) => $"RoIAlign {size}x{size} forward";

    private static string Both(int size) => $"RoIAlign {size}x{size} forward and backward";

    private static string Suppression(int count) => $"NMS of {count} boxes";

    // As in regions.py.
    private static Tensor Draws(int count, double start)
    {
        var wave = ((torch.arange(count, dtype: torch.float64) + start) * 12.9898).sin() * 43758.5453;
        return wave - wave.floor();
    }

    private static Tensor Boxes(int count, double side, double least, double most, double start)
    {
        var corner = torch.stack([Draws(count, start), Draws(count, start + 1e5)], 1) * side;
        var exponent = torch.stack([Draws(count, start + 2e5), Draws(count, start + 3e5)], 1);
        var size = (exponent * Math.Log(most / least)).exp() * least;
        return torch.cat([corner, corner + size], 1).clamp_max(side).to(torch.float32);
    }

    private static double Shortest(Action action) => Enumerable.Range(0, Repeats + 1).Select(_ =>
    {
        using var scope = torch.NewDisposeScope();
        var clock = Stopwatch.StartNew();
        action();
        return clock.Elapsed.TotalMilliseconds;
    }).ToList().Skip(1).Min();
}
