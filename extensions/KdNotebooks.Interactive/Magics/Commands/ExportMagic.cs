using KdNotebooks.Runs;
using KdNotebooks.Runtime;
using KdNotebooks.Teachers;

namespace KdNotebooks.Interactive.Magics.Commands;

/// <param name="Folder">The run's.</param>
/// <param name="Which">"last", "best" or "average".</param>
/// <param name="File">Where the student goes.</param>
public sealed record ExportRequest(string Folder, string Which, string File);

/// <summary><c>#!kd-export</c>: the student of one run, without its aligners, as a file.</summary>
internal sealed class ExportMagic : MagicCommand<ExportRequest>
{
    private static readonly MagicOption Source = new(
        "--run", "The run: a result that a cell has named, or a run folder.", "@RESULT")
    {
        Default = "@result",
        Takes = typeof(ExperimentResult),
    };

    private static readonly MagicOption Epoch = new("--epoch", "The student after which epoch.", "WHICH")
    {
        Default = "last",
        Known = ["last", "best", "average"],
    };

    private static readonly MagicOption File = new("--out", "The file to write.", "FILE")
    {
        Default = "the run folder's name in the notebook's output folder",
    };

    public override string Name => "kd-export";

    public override string Summary => "Writes the student of a run as safetensors, with what builds it again.";

    public override IReadOnlyList<MagicOption> Options => [Source, RunChoice.Method, RunChoice.Seed, Epoch, File];

    public override string Example => "kd-export --run @result --method mlp-1 --seed 1 --out student.safetensors";

    public override ExportRequest Read(MagicArguments arguments)
    {
        var which = arguments.Text(Epoch) ?? Epoch.Default;
        if (!Epoch.Known.Contains(which))
        {
            throw arguments.Wrong(Epoch, $"is '{which}'; expected one of {string.Join(", ", Epoch.Known)}.");
        }

        var folder = arguments.Value<object>(Source, path => path, fallback: Source.Default) switch
        {
            string path => path,
            ExperimentResult result => RunChoice.Of(arguments, result).Folder,
            RunResult run => run.Folder,
            var other => throw arguments.Wrong(
                Source, $"is a {other.GetType().Name}; expected a result, or a run folder."),
        };
        var file = arguments.Text(File)
            ?? Path.Combine(RunContext.Current.Output, new DirectoryInfo(folder).Name + ".safetensors");
        return new(folder, which, file);
    }

    public override object Run(ExportRequest request)
    {
        var source = Path.Combine(request.Folder, request.Which + ".safetensors");
        if (!System.IO.File.Exists(source))
        {
            throw new KdException($"kd-export: {source} is not there; expected the folder of a run that is complete.");
        }

        // What cannot be built again is no export: the file is read before it is copied.
        var model = TrainedModel.Load(source);
        var target = Path.GetFullPath(request.File);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        using (var bytes = System.IO.File.OpenRead(source))
        {
            AtomicFile.Write(target, bytes.CopyTo);
        }

        Display.Show(new Markdown(
            $"Wrote `{PathText.Of(target)}`: {model.Spec.Name}, {new FileInfo(target).Length:N0} bytes. "
            + "`Pretrained.model` with this path uses it as a teacher."));
        return target;
    }
}
