using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Losses;
using KdNotebooks.Metrics;
using KdNotebooks.Runtime;

namespace KdNotebooks.Analysis;

/// <summary>
/// How the channels on both sides of a connection go together, before and after the transformation: Pearson's
/// correlation over all positions of some images.
/// </summary>
/// <param name="Run">"mlp-1, seed 1".</param>
/// <param name="Connection">"layer3 mlp-1 l2".</param>
/// <param name="Before">[student's channels, teacher's channels].</param>
/// <param name="After">[transformed channels, teacher's channels].</param>
/// <param name="Images">How many images were looked at.</param>
public sealed record ChannelMatch(string Run, string Connection, double[,] Before, double[,] After, int Images)
{
    /// <summary>
    /// For each of the teacher's channels the best absolute correlation with any channel, averaged over the teacher's
    /// channels; a channel that is the same everywhere is left out.
    /// </summary>
    public double BestBefore => Best(Before);

    /// <summary>The same after the transformation.</summary>
    public double BestAfter => Best(After);

    /// <summary>
    /// Between each of the teacher's channels and the transformed one that the loss holds it to, averaged; NaN where
    /// there are not as many channels on both sides.
    /// </summary>
    public double OwnAfter => After.GetLength(0) != After.GetLength(1) ? double.NaN
        : Mean(Enumerable.Range(0, After.GetLength(0)).Select(channel => After[channel, channel]));

    /// <summary>Measured for every connection of a run.</summary>
    /// <param name="split">
    /// "test", "validation" or "train"; null is "test", or "validation" where the test labels are not published.
    /// </param>
    /// <param name="images">How many of its first images; the default value is 250.</param>
    /// <remarks>
    /// Where the maps of one pair differ in size, both are brought to the smaller height and width by averaging; maps of
    /// more than 32 positions along a side are averaged to 32 first.
    /// </remarks>
    /// <exception cref="KdException">The run has no connection between maps.</exception>
    internal static IReadOnlyList<ChannelMatch> Of(
        TrainedRun run, string split, int images, CancellationToken cancellation)
    {
        var set = run.Task.Data.SplitNamed(split);
        var count = run.AtMost(images, set);
        using var scope = torch.NewDisposeScope();
        using var models = new BridgedModels(run, SplitImages.Shape(set, 0));
        using var inference = torch.inference_mode();
        var batches = SplitImages.First(set, count, 125, cancellation: cancellation).Select(batch => Bounded(models, batch)).ToList();
        return [.. batches[0].Select((at, i) => new ChannelMatch(
            run.Name, at.Connection.Name,
            Correlate(batches.Select(batch => (batch[i].Student, batch[i].Teacher))),
            Correlate(batches.Select(batch => (batch[i].Transformed, batch[i].Teacher))), count))];
    }

    public override string ToString() => FormattableString.Invariant(
        $"{Run}, {Connection}: mean over teacher channels of the best absolute correlation {BestBefore:F3} before, ")
        + FormattableString.Invariant($"{BestAfter:F3} after the transformation ({Images} images)");

    private static List<(Connection Connection, Tensor Teacher, Tensor Student, Tensor Transformed)> Bounded(
        BridgedModels models, PixelBatch batch)
    {
        using var scope = torch.NewDisposeScope();
        return [.. models.Maps(batch).Select(at => (
            at.Connection, BoundedMap.Of(at.Teacher).MoveToOuterDisposeScope(),
            BoundedMap.Of(at.Student).MoveToOuterDisposeScope(),
            BoundedMap.Of(at.Transformed).MoveToOuterDisposeScope()))];
    }

    private static double[,] Correlate(IEnumerable<(Tensor Student, Tensor Teacher)> batches)
    {
        using var scope = torch.NewDisposeScope();
        var pairs = batches.Select(batch => batch.Student.dim() == 4 && batch.Teacher.dim() == 4
            ? Shape.Smaller(batch.Student, batch.Teacher)
            : (Student: Shape.Pooled(batch.Student), Teacher: Shape.Pooled(batch.Teacher))).ToList();
        return ChannelCorrelation.Of(
            torch.cat([.. pairs.Select(pair => ChannelCorrelation.Rows(pair.Item1))]),
            torch.cat([.. pairs.Select(pair => ChannelCorrelation.Rows(pair.Item2))]));
    }

    private static double Best(double[,] correlation) => Mean(Enumerable.Range(0, correlation.GetLength(1))
        .Select(teacher => Enumerable.Range(0, correlation.GetLength(0))
            .Select(student => Math.Abs(correlation[student, teacher])).Where(double.IsFinite)
            .DefaultIfEmpty(double.NaN).Max()));

    private static double Mean(IEnumerable<double> values) =>
        values.Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average();
}
