using System.Text.Json;
using KdNotebooks.Distillation;
using KdNotebooks.Models;
using KdNotebooks.Runtime;
using KdNotebooks.Training;
using KdNotebooks.Weights;

namespace KdNotebooks.Runs;

/// <summary>
/// What one run leaves behind: manifest.json, metrics.jsonl (one line an epoch), best.safetensors and last.safetensors
/// (the student alone, ready to use), average.safetensors where an average of its weights is kept, aligners.safetensors
/// (what belongs to the last student's training); timings.jsonl (images per second) and, where asked for, TensorBoard's
/// events.
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
    private const string Last = "last.safetensors", Average = "average.safetensors";

    // A loss may be infinite on the validation images: that is a finding, and no reason to lose the run. It is null here.
    private static readonly JsonSerializerOptions Line = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new NumberOrNull() },
    };

    private readonly string partial, replaced;
    private readonly Action<string, INetwork> save;
    private readonly RunEvents? events;
    private readonly List<EpochRecord> epochs = [];

    /// <param name="parent">The folder of all runs.</param>
    /// <param name="id">The run's own name.</param>
    /// <param name="save">Writes the student to a path.</param>
    /// <param name="events">Whether TensorBoard's events are written, too. The default value is false.</param>
    internal RunFolder(string parent, string id, Action<string, INetwork> save, bool events = false)
    {
        this.save = save;
        Path = System.IO.Path.Combine(parent, id);
        partial = Path + ".partial";
        replaced = Path + ".replaced";
        Recover();
        Delete(partial);
        Directory.CreateDirectory(partial);
        this.events = events ? new RunEvents(partial) : null;
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

    internal string AveragedStudent => File(Average);

    /// <summary>Whether it has its name: nothing is written any more.</summary>
    internal bool IsComplete { get; private set; }

    public void EpochEnded(EpochRecord record, Distiller distiller)
    {
        epochs.Add(record);
        Note(Fields(record));
        save(File(Last), distiller.Student);
        StateDict.Save(File("aligners.safetensors"), distiller.Aligners);
        LastCheckpoint = File(Last);
        if (BestEpoch == record)
        {
            using var last = System.IO.File.OpenRead(File(Last));
            AtomicFile.Write(File(Best), last.CopyTo);
        }
    }

    public void AverageEnded(EpochRecord record, INetwork average) => save(File(Average), average);

    /// <summary>What differs from run to run stands apart: metrics.jsonl is the same for the same run.</summary>
    public void EpochTimed(EpochTiming timing)
    {
        Add("timings.jsonl", new Dictionary<string, object>
        {
            ["epoch"] = timing.Epoch,
            ["images"] = timing.Images,
            ["seconds"] = Math.Round(timing.Seconds, 3),
            ["imagesPerSecond"] = Math.Round(timing.ImagesPerSecond, 1),
        });
        events?.Write(epochs[^1], timing);
    }

    internal void WriteManifest(string json) =>
        AtomicFile.Write(File("manifest.json"), stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(json)));

    /// <summary>Adds one line to metrics.jsonl.</summary>
    internal void Note<T>(T record) => Add("metrics.jsonl", record);

    private void Add<T>(string file, T record) =>
        System.IO.File.AppendAllText(File(file), JsonSerializer.Serialize(record, Line) + "\n");

    /// <summary>Gives the folder its name; an earlier run of the same name gives way to it.</summary>
    internal void Complete()
    {
        if (Directory.Exists(Path))
        {
            Directory.Move(Path, replaced);
        }

        Directory.Move(partial, Path);
        IsComplete = true;
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

        foreach (var metric in record.Average?.All ?? [])
        {
            fields[Key("averageValidation", metric.Name)] = metric.Value;
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
