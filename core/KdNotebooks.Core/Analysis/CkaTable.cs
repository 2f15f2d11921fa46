using System.Globalization;
using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Metrics;
using KdNotebooks.Models;
using KdNotebooks.Native;
using KdNotebooks.Recipes;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;
using KdNotebooks.Teachers;

namespace KdNotebooks.Analysis;

/// <summary>What is compared by CKA.</summary>
/// <param name="Student">Module paths; null for each stage and the output.</param>
/// <param name="Teacher">Module paths; null for each stage and the output.</param>
/// <param name="Of">The teacher to compare with; null for the run's own; a student that learned alone has none.</param>
/// <param name="Images">How many first images of the split, at least 2. The default value is 500.</param>
/// <param name="Split">
/// "test", "validation" or "train"; null is "test", or "validation" where the test labels are not published.
/// </param>
public sealed record CkaOptions(
    IReadOnlyList<string>? Student = null, IReadOnlyList<string>? Teacher = null, TeacherSpec? Of = null,
    int Images = 500, string? Split = null);

/// <summary>How alike the layers of a student and a teacher are: linear CKA of every pair.</summary>
/// <param name="Run">"mlp-1, seed 1".</param>
/// <param name="StudentPaths">Module paths; "" is the output.</param>
/// <param name="TeacherPaths">Module paths; "" is the output.</param>
/// <param name="Values">[student, teacher], from 0 to 1; see <see cref="LinearCka"/>.</param>
public sealed record CkaTable(
    string Run, string TeacherName, IReadOnlyList<string> StudentPaths, IReadOnlyList<string> TeacherPaths,
    double[,] Values, int Images, string Split)
{
    /// <summary>"layer3"; "output" for the model itself.</summary>
    public static string Word(string path) => path == TapSet.Output ? "output" : path;

    /// <summary>
    /// Compares layers over the first images of a split. Maps of more than 32 positions along a side are averaged to 32
    /// first.
    /// </summary>
    /// <exception cref="KdException">A path is not there, or there is no teacher to compare with.</exception>
    internal static CkaTable Of(TrainedRun run, CkaOptions options, CancellationToken cancellation)
    {
        var split = run.Usual(options.Split);
        var set = run.Task.Data.SplitNamed(split);
        var count = run.AtMost(options.Images, set);
        var image = SplitImages.Shape(set, 0);
        using var scope = torch.NewDisposeScope();
        var trained = options.Of is { } spec ? TrainedModel.Load(spec) : run.Teacher();
        var (ours, mine) = Grams(run, run.Student(), options.Student, Images(), image);
        var (theirs, other) = Grams(run, trained, options.Teacher, Images(), image);
        var values = new double[ours.Count, theirs.Count];
        for (var i = 0; i < values.Length; i++)
        {
            var (row, column) = Math.DivRem(i, theirs.Count);
            values[row, column] = LinearCka.OfGrams(mine[row], other[column]);
        }

        return new CkaTable(run.Name, trained.Name, ours, theirs, values, count, split);

        IEnumerable<PixelBatch> Images() => SplitImages.First(
            set, count, run.Task.Limits.Images, run.Task.Limits.Pixels, cancellation);
    }

    /// <summary>A row a layer of the student, a column a layer of the teacher.</summary>
    public override string ToString()
    {
        string[] head = ["student \\ teacher", .. TeacherPaths.Select(Word)];
        var rows = StudentPaths.Select((path, row) => (string[])
        [
            Word(path),
            .. TeacherPaths.Select((_, column) => Values[row, column].ToString("F3", CultureInfo.InvariantCulture)),
        ]);
        return TextColumns.Of([head, .. rows]);
    }

    private static (IReadOnlyList<string> Paths, List<Tensor> Grams) Grams(
        TrainedRun run, TrainedModel trained, IReadOnlyList<string>? paths, IEnumerable<PixelBatch> batches,
        long[] image)
    {
        var device = Devices.Select(run.Recipe.Device);
        var network = trained.BuildFor(run.Task.Data);
        using var model = network.Root;
        model.to(device);
        using var taps = new TapSet(network, paths ?? Stages(network));
        taps.Probe(image);
        // Not before: what overwrites a map is found out by its gradient.
        using var inference = torch.inference_mode();
        var parts = taps.Paths.ToDictionary(path => path, _ => new List<Tensor>());
        using var scope = torch.NewDisposeScope();
        foreach (var batch in batches)
        {
            using var step = torch.NewDisposeScope();
            network.Forward(run.Task.BatchOf(batch, device));
            foreach (var path in taps.Paths)
            {
                parts[path].Add(BoundedMap.Of(taps[path]).flatten(1).clone().MoveToOuterDisposeScope());
            }
        }

        return (taps.Paths, [.. taps.Paths.Select(path =>
            LinearCka.Gram(torch.cat(parts[path])).MoveToOuterDisposeScope())]);
    }

    // What hangs directly on the model and is made of parts itself, as "layer1", or what the network names; and the output.
    // An auxiliary head is for training: it gives nothing here.
    private static IEnumerable<string> Stages(INetwork network) => (network.Stages ?? ModuleTable.Paths(network.Root)
        .Where(entry => entry.Path.Length > 0 && !entry.Path.Contains('.') && entry.Module.children().Any())
        .Select(entry => entry.Path)).Append(TapSet.Output);
}
