using System.Diagnostics;
using System.Text.Json;
using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Ops;

namespace KdNotebooks.Benchmarks;

/// <summary>The notebook's step against the same in PyTorch eager: rounds of both in turn, ratios of medians.</summary>
internal static class AgainstPyTorch
{
    private const int Steps = 15, Rounds = 7, WarmUps = 5, ReferenceRounds = 15;

    public static IEnumerable<Claim> Run()
    {
        var data = Setup.Data(Steps);
        using var live = Setup.LiveTeacher();
        using var plain = Setup.PlainTeacher();
        using var cached = new CachedTeacher(
            Setup.LiveTeacher(), new AugmentedSet(data, new PaddedCrop(Views: 1, Seed: 0), 0), new MemoryFeatureStore(), torch.CPU);
        using var member = Setup.StudentTrainer(live);
        var ours = new List<(double Teacher, double Plain, double Live, double Cached)>();
        var theirs = new List<Reference>();
        for (var round = 0; round <= Rounds; round++)
        {
            ours.Add((Forward(x => live.Features(Batch.Of(x))), Forward(x => plain.call(x)), Setup.SecondsPerStep(data, live, [member]),
                Setup.SecondsPerStep(data, cached, [member], new PaddedCrop(Views: 1, Seed: 0))));
            theirs.Add(Reference.Measure(torch.get_num_threads(), ReferenceRounds));
            var (o, t) = (ours[^1], theirs[^1]);
            Console.WriteLine(
                $"  round {round}: ours teacher {1e3 * o.Teacher:F1} (plain module {1e3 * o.Plain:F1}), live step {1e3 * o.Live:F1}, "
                + $"cached step {1e3 * o.Cached:F1} ms; PyTorch {t.Torch} teacher {t.Teacher:F1}, step {t.Step:F1}, student {t.Student:F1} ms");
        }

        // Round 0 warms up: the cache is filled, memory is mapped, the code is compiled.
        yield return Ratio("frozen teacher's forward, against PyTorch eager", i => theirs[i].Teacher, i => ours[i].Teacher, 2);
        yield return Ratio("live distillation step, against PyTorch eager", i => theirs[i].Step, i => ours[i].Live, 1.8);
        yield return Ratio("step on cached features, against a live step in PyTorch eager", i => theirs[i].Step, i => ours[i].Cached, 4.5);
    }

    private static Claim Ratio(string what, Func<int, double> theirMilliseconds, Func<int, double> ourSeconds, double figure)
    {
        // Of medians, not a median of ratios: a round of one that was disturbed is not paired with any of the other.
        var rounds = Enumerable.Range(1, Rounds).ToList();
        var ratio = Setup.Median(rounds.Select(theirMilliseconds)) / (1e3 * Setup.Median(rounds.Select(ourSeconds)));
        return new Claim(what, ratio, figure, AtLeast: true, " times");
    }

    private static double Forward(Func<Tensor, object> pass)
    {
        using var noGrad = torch.no_grad();
        using var images = ChannelsLast.Of(torch.randn(Setup.BatchSize, 1, 28, 28));
        // As many to warm up, and as many that count, as in reference.py.
        return Setup.Median(Enumerable.Range(0, WarmUps + ReferenceRounds).Select(_ =>
        {
            using var scope = torch.NewDisposeScope();
            var clock = Stopwatch.StartNew();
            pass(images);
            return clock.Elapsed.TotalSeconds;
        }).ToList().Skip(WarmUps));
    }

    /// <summary>What reference.py printed.</summary>
    private sealed record Reference(string Torch, double Teacher, double Step, double Student)
    {
        public static Reference Measure(int threads, int rounds) => JsonSerializer.Deserialize<Reference>(
            Python.Run("reference.py", "python3-torch", threads, rounds), JsonSerializerOptions.Web)!;
    }
}
