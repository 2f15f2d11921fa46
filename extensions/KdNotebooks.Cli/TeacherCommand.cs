using System.CommandLine;
using KdNotebooks.Native;
using KdNotebooks.Recipes;
using KdNotebooks.Runs;
using KdNotebooks.Runtime;
using KdNotebooks.Teachers;

namespace KdNotebooks.Cli;

/// <summary><c>kd teacher</c>: measures a trained teacher, and trains it again from its own recipe.</summary>
internal static class TeacherCommand
{
    public static Command Create(TextWriter output, TextWriter error, CancellationToken cancellation) =>
        new("teacher", "Measures trained teachers, and trains them again.")
        {
            Check(output, error, cancellation),
            Train(output, error, cancellation),
        };

    private static Command Check(TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        var name = Name();
        var command = new Command("check", "Measures a teacher on the images that it was trained for.") { name };
        command.SetAction(parsed => LongWork.Run(error, stop =>
        {
            var teacher = TrainedModel.Load(parsed.GetRequiredValue(name));
            output.WriteLine(
                TeacherCheck.Of(teacher, teacher.Recipe.OpenTask(), Devices.Select("auto"), stop));
            return KdCommand.Ok;
        }, cancellation));
        return command;
    }

    private static Command Train(TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        var name = Name();
        var file = new Option<string?>("--out")
        {
            Description = "The file to write. [default: artifacts/teachers/<name>.safetensors]",
            HelpName = "FILE",
        };
        var threads = new Option<int?>("--threads")
        {
            Description = "Cores to use; the same number gives the same weights, bit for bit. [default: all]",
            HelpName = "N",
        };
        var command = new Command("train", "Trains a teacher again from the recipe in its file.") { name, file, threads };
        command.SetAction(parsed => LongWork.Run(error, stop =>
        {
            if (parsed.GetValue(threads) is { } count)
            {
                torch.set_num_threads(count > 0 ? count : throw new KdException($"--threads is {count}; expected at least 1."));
            }

            var teacher = TrainedModel.Load(parsed.GetRequiredValue(name));
            var path = parsed.GetValue(file) ?? Path.Combine("artifacts", "teachers", teacher.Name + ".safetensors");
            Train(teacher, Path.GetFullPath(path), new ConsoleProgress(output), stop);
            return KdCommand.Ok;
        }, cancellation));
        return command;
    }

    private static void Train(TrainedModel teacher, string path, ConsoleProgress progress, CancellationToken cancellation)
    {
        _ = AtomicFile.Target(path); // before the hours, not after them
        var folder = Directory.CreateDirectory(Path.GetDirectoryName(path)!).FullName;
        var run = Experiment.Run([teacher.Recipe], new RunContext(progress, folder, cancellation)).Runs[0];
        using (var last = File.OpenRead(Path.Combine(run.Folder, "last.safetensors")))
        {
            AtomicFile.Write(path, last.CopyTo);
        }

        var check = TeacherCheck.Of(
            TrainedModel.Load(path), teacher.Recipe.OpenTask(), Devices.Select("auto"), cancellation);
        progress.Line($"{path}: {check}");
    }

    private static Argument<string> Name() => new("TEACHER")
    {
        Description = $"One in the package ({string.Join(", ", TrainedModel.Packaged)}), or a safetensors file.",
    };
}
