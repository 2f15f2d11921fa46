using System.Diagnostics;
using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Ops;
using KdNotebooks.Teachers;

namespace KdNotebooks.Benchmarks;

/// <summary>
/// What a teacher of feature maps saves by stopping at its deepest tap: notebook 06's PSPNet and batch, tapped at its
/// backbone's last stage, against a whole pass (head, and logits enlarged to the images' size).
/// </summary>
internal static class TeacherDepth
{
    private const int BatchSize = 16, Side = 64, WarmUps = 10, Rounds = 60;

    public static IEnumerable<Claim> Run()
    {
        using var whole = Teacher("");
        using var tapped = Teacher("backbone.layer4");
        using var images = ChannelsLast.Of(torch.randn(BatchSize, 3, Side, Side));
        var seconds = Enumerable.Range(0, WarmUps + Rounds)
            .Select(_ => (Whole: Pass(whole, images), Tapped: Pass(tapped, images))).ToList().Skip(WarmUps).ToList();
        var (all, part) = (Setup.Median(seconds.Select(round => round.Whole)), Setup.Median(seconds.Select(round => round.Tapped)));
        Console.WriteLine($"  PSPNet teacher, batch {BatchSize}: whole {1e3 * all:F1} ms, to backbone.layer4 {1e3 * part:F1} ms");
        yield return new Claim("a teacher's pass to its tap, against a whole one", all / part, 1.15, AtLeast: true, " times");
    }

    private static LiveTeacher Teacher(string path) => new(TrainedModel.Load("scenes-teacher").Build(), [path], 3, Side, Side);

    private static double Pass(LiveTeacher teacher, Tensor images)
    {
        using var scope = torch.NewDisposeScope();
        var clock = Stopwatch.StartNew();
        teacher.Features(Batch.Of(images));
        return clock.Elapsed.TotalSeconds;
    }
}
