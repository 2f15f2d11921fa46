using System.CommandLine;
using KdNotebooks.Data;
using KdNotebooks.Runtime;

namespace KdNotebooks.Cli;

/// <summary><c>kd data</c>: fetches, checks and makes datasets.</summary>
internal static class DataCommand
{
    private const string Full = "fashion-mnist", Mini = "fashion-mnist-mini";

    public static Command Create(TextWriter output, TextWriter error, CancellationToken cancellation) =>
        new("data", "Fetches, checks and makes datasets.")
        {
            Get(output, error, cancellation),
            Verify(output),
            Make(output),
            MagicVerbs.Create("kd-data", "show", output, error, cancellation),
        };

    private static Command Get(TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        var (dataset, folder) = (Dataset(Full), Folder("Where the files go. [default: the user's data folder]"));
        var command = new Command("get", "Downloads a dataset; a download that was cut off goes on.") { dataset, folder };
        command.SetAction(parsed => LongWork.Run(error, stop =>
        {
            var progress = new ConsoleProgress(output);
            var place = FashionMnist.DownloadAsync(parsed.GetValue(folder), progress: progress, cancel: stop)
                .GetAwaiter().GetResult();
            progress.Line($"Fashion-MNIST is in {place}.");
            return KdCommand.Ok;
        }, cancellation));
        return command;
    }

    private static Command Verify(TextWriter output)
    {
        var (dataset, folder) = (Dataset(Full), Folder("Which copy. [default: the one that a notebook would use]"));
        var command = new Command("verify", "Checks a copy of a dataset, file by file.") { dataset, folder };
        command.SetAction(parsed =>
        {
            var findings = FashionMnist.Verify(parsed.GetValue(folder));
            foreach (var finding in findings)
            {
                output.WriteLine($"{(finding.Sound ? "sound " : "BROKEN")}  {finding.File}: {finding.Message}");
            }

            return findings.All(finding => finding.Sound) ? KdCommand.Ok : KdCommand.Failed;
        });
        return command;
    }

    private static Command Make(TextWriter output)
    {
        var (dataset, folder) = (Dataset(Mini), Folder("The copy of the full set. [default: the one that a notebook would use]"));
        var file = new Option<string>("--out") { Description = "The file to write.", HelpName = "FILE", Required = true };
        var command = new Command("make", "Makes the packaged subset again from the full set, byte for byte.") { dataset, folder, file };
        command.SetAction(parsed =>
        {
            var path = parsed.GetRequiredValue(file);
            FashionMnistMini.Write(FashionMnist.Full(parsed.GetValue(folder)), path);
            output.WriteLine($"{path}: {new FileInfo(path).Length:N0} bytes, SHA-256 {Sha256.OfFile(path)}");
            return KdCommand.Ok;
        });
        return command;
    }

    private static Argument<string> Dataset(string name)
    {
        var argument = new Argument<string>("DATASET") { Description = $"One of: {name}." };
        argument.AcceptOnlyFromAmong(name);
        return argument;
    }

    private static Option<string?> Folder(string description) =>
        new("--dir") { Description = description, HelpName = "DIR" };
}
