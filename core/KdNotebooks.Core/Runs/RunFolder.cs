using System.Text.Json;
using KdNotebooks.Distillation;
using KdNotebooks.Runtime;
using KdNotebooks.Training;
using KdNotebooks.Weights;

namespace KdNotebooks.Runs;

/// <summary>
/// What one run leaves behind: manifest.json, metrics.jsonl (one line an epoch), best.safetensors and last.safetensors
/// (the student alone, ready to use) and aligners.safetensors (what belongs to the last student's training).
/// </summary>
/// <remarks>
/// It is written in a folder ending in ".partial", which takes its name when the run is complete: a folder without that
/// ending is whole. What a run that failed had kept stays in the partial folder until the run is started again. A
/// result that is there already stays until the new one stands in its place: between the two renames it is called
/// ".replaced", and whatever stops there, the next start puts it back.
/// </remarks>
public sealed class RunFolder : ITrainingLog
{
    internal const string Best = "best.safetensors";
    private const string Last = "last.safetensors";

    // A loss may be infinite on the validation images: that is a finding, and no reason to lose the run. It is null here.
    private static readonly JsonSerializerOptions Line = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new NumberOrNull() },
    };

    private readonly string partial, replaced;
    private readonly Action<string, Distiller> save;
    private readonly List<EpochRecord> epochs = [];

    /// <param name="parent">The folder of all runs.</param>
    /// <param name="id">The run's own name.</param>
    /// <param name="save">Writes the student to a path.</param>
    internal RunFolder(string parent, string id, Action<string, Distiller> save)
    {
        this.save = save;
        Path = System.IO.Path.Combine(parent, id);
        partial = Path + ".partial";
        replaced = Path + ".replaced";
        Recover();
        Delete(partial);
        Directory.CreateDirectory(partial);
    }

    /// <summary>Where the run is when it is complete.</summary>
    public string Path { get; }

    public string? LastCheckpoint { get; private set; }

    /// <summary>One record an epoch.</summary>
    public IReadOnlyList<EpochRecord> Epochs => epochs;

    /// <summary>The epoch with the best headline metric on validation, the first of equals.</summary>
    public EpochRecord BestEpoch => epochs.Count > 0 && !epochs[0].Validation.Headline.Kind.HigherIsBetter
        ? epochs.MinBy(record => record.Validation.Headline.Value)!
        : epochs.MaxBy(record => record.Validation.Headline.Value)!;

    internal string BestStudent => File(Best);

    internal string LastStudent => File(Last);

    public void EpochEnded(EpochRecord record, Distiller distiller)
    {
        epochs.Add(record);
        Note(Fields(record));
        save(File(Last), distiller);
        StateDict.Save(File("aligners.safetensors"), distiller.Aligners);
        LastCheckpoint = File(Last);
        if (BestEpoch == record)
        {
            using var last = System.IO.File.OpenRead(File(Last));
            AtomicFile.Write(File(Best), last.CopyTo);
        }
    }

    internal void WriteManifest(string json) =>
        AtomicFile.Write(File("manifest.json"), stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(json)));

    /// <summary>Adds one line to metrics.jsonl.</summary>
    internal void Note<T>(T record) =>
        System.IO.File.AppendAllText(File("metrics.jsonl"), JsonSerializer.Serialize(record, Line) + "\n");

    /// <summary>Gives the folder its name; an earlier run of the same name gives way to it.</summary>
    internal void Complete()
    {
        if (Directory.Exists(Path))
        {
            Directory.Move(Path, replaced);
        }

        Directory.Move(partial, Path);
        Delete(replaced);
    }

    /// <summary>"validationAccuracy", "testMIoU", "validationPixelAccuracy".</summary>
    internal static string Key(string split, string metric) =>
        split + string.Concat(metric.Split(' ').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));

    private static Dictionary<string, object> Fields(EpochRecord record)
    {
        var fields = new Dictionary<string, object>
        {
            ["epoch"] = record.Epoch,
            ["step"] = record.Step,
            ["learningRate"] = record.LearningRate,
            ["losses"] = record.Losses,
        };
        foreach (var metric in record.Validation.All)
        {
            fields[Key("validation", metric.Name)] = metric.Value;
        }

        return fields;
    }

    // An earlier start was stopped between the two renames, or after them and before the old result was gone.
    private void Recover()
    {
        if (Directory.Exists(replaced) && !Directory.Exists(Path))
        {
            Directory.Move(replaced, Path);
        }

        Delete(replaced);
    }

    private static void Delete(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private string File(string name) => System.IO.Path.Combine(partial, name);
}
