using System.CommandLine;
using KdNotebooks.Datasets;
using KdNotebooks.Runtime;

namespace KdNotebooks.Cli;

/// <summary><c>kd data</c>: fetches, checks and makes datasets.</summary>
internal static class DataCommand
{
    private const string Full = "fashion-mnist", Mini = "fashion-mnist-mini";
    private const string Cityscapes = "cityscapes", Coco = "coco", Scenes = "fashion-scenes", Idx = "idx";
    private const string Images = "image-folder", ImageNet = "imagenet", Ten = "cifar-10", Hundred = "cifar-100";

    public static Command Create(TextWriter output, TextWriter error, CancellationToken cancellation) =>
        new("data", "Fetches, checks and makes datasets.")
        {
            Get(output, error, cancellation),
            Verify(output, error, cancellation),
            new Command("make", "Makes a dataset, the same bytes each time.")
            {
                MakeMini(output),
                MakeScenes(output, error, cancellation),
                MakeImages(output, error, cancellation),
            },
            MagicVerbs.Create("kd-data", "show", output, error, cancellation),
        };

    private static Command Get(TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        var (dataset, folder) = (Dataset(Full, Ten, Hundred), Folder("Where the files go. [default: the user's data folder]"));
        var command = new Command("get", "Downloads a dataset; a download that was cut off goes on.") { dataset, folder };
        command.SetAction(parsed => LongWork.Run(error, stop =>
        {
            var progress = new ConsoleProgress(output);
            var (name, where, context) = (parsed.GetRequiredValue(dataset), parsed.GetValue(folder), Context(progress, stop));
            var place = (name == Full ? FashionMnist.DownloadAsync(where, context: context) : Cifar.DownloadAsync(name, where, context))
                .GetAwaiter().GetResult();
            progress.Line($"{name} is in {place}.");
            return KdCommand.Ok;
        }, cancellation));
        return command;
    }

    private static Command Verify(TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        var dataset = Dataset(Full, Ten, Hundred, Cityscapes, Coco, Images, ImageNet, Scenes, Idx);
        var folder = Folder($"Which copy; not needed for {Full}, {Ten} and {Hundred}. [default: the one that a notebook would use]");
        var command = new Command("verify", "Checks a copy of a dataset, file by file.") { dataset, folder };
        command.Validators.Add(parsed =>
        {
            if (parsed.GetValue(dataset) is not (Full or Ten or Hundred) && parsed.GetValue(folder) is null)
            {
                parsed.AddError($"Which copy of {parsed.GetValue(dataset)}? Name its folder with --dir DIR.");
            }
        });
        command.SetAction(parsed => LongWork.Run(error, stop =>
        {
            var (place, progress) = (parsed.GetValue(folder), new ConsoleProgress(output));
            var findings = parsed.GetValue(dataset) switch
            {
                Cityscapes => DenseCheck.Cityscapes(place!, Context(progress, stop)),
                Coco => CocoCheck.Folder(place!, Context(progress, stop)),
                Images => ImageFolderCheck.Folder(place!, Context(progress, stop)),
                ImageNet => ImageFolderCheck.ImageNet(place!, Context(progress, stop)),
                Scenes => DenseCheck.FashionScenes(place!, Context(progress, stop)),
                Idx => IdxFolder.Verify(place!),
                Ten or Hundred => Cifar.Verify(parsed.GetRequiredValue(dataset), place),
                _ => FashionMnist.Verify(place),
            };
            foreach (var finding in findings)
            {
                progress.Line($"{(finding.Sound ? "sound " : "BROKEN")}  {finding.File}: {finding.Message}");
            }

            return findings.All(finding => finding.Sound) ? KdCommand.Ok : KdCommand.Failed;
        }, cancellation));
        return command;
    }

    private static Command MakeMini(TextWriter output)
    {
        var folder = Folder("The copy of the full set. [default: the one that a notebook would use]");
        var file = new Option<string>("--out") { Description = "The file to write.", HelpName = "FILE", Required = true };
        var command = new Command(Mini, "Makes the packaged subset again from the full set, byte for byte.")
        {
            folder, file,
        };
        command.SetAction(parsed =>
        {
            var path = parsed.GetRequiredValue(file);
            FashionMnistMini.Write(FashionMnist.Full(parsed.GetValue(folder)), path);
            output.WriteLine($"{path}: {new FileInfo(path).Length:N0} bytes, SHA-256 {Sha256.OfFile(path)}");
            return KdCommand.Ok;
        });
        return command;
    }

    private static Command MakeScenes(TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        var usual = new FashionScenesOptions();
        var folder = new Option<string>("--out")
        {
            Description = "A new folder, or one of earlier scenes, which is replaced.",
            HelpName = "DIR",
            Required = true,
        };
        var train = Number("--train", "Scenes to train on.", usual.Train);
        var validation = Number("--val", "Scenes to choose the best epoch on.", usual.Validation);
        var test = Number("--test", "Scenes to measure on; 0 for none.", usual.Test);
        var size = Number("--size", "Height and width in pixels.", usual.Size);
        var seed = Number("--seed", "Another seed gives other scenes.", usual.Seed);
        var command = new Command(Scenes, "Makes scenes of garments in the layouts of Cityscapes and COCO.")
        {
            folder, train, validation, test, size, seed,
        };
        command.SetAction(parsed =>
        {
            // Before the work: a number out of its range is wrong usage.
            var options = new FashionScenesOptions(
                parsed.GetValue(train), parsed.GetValue(validation), parsed.GetValue(test), parsed.GetValue(size),
                parsed.GetValue(seed));
            return LongWork.Run(error, stop =>
            {
                var (place, progress) = (parsed.GetRequiredValue(folder), new ConsoleProgress(output));
                var data = FashionScenesFolder.Write(place, options, context: Context(progress, stop));
                progress.Line($"{place}: {data}; fingerprint {data.Fingerprint}");
                return KdCommand.Ok;
            }, cancellation);
        });
        return command;
    }

    private static Command MakeImages(TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        var usual = new FashionFolderOptions();
        var folder = new Option<string>("--out")
        {
            Description = "A new folder, or one of an earlier call with nothing else in it, which is replaced.",
            HelpName = "DIR",
            Required = true,
        };
        var source = new Option<string>("--data")
        {
            Description = $"Which images: {Mini} (in the package) or {Full}.",
            HelpName = "DATASET",
            DefaultValueFactory = _ => Mini,
        };
        source.AcceptOnlyFromAmong(Mini, Full);
        var (train, validation, test) = (Some("--train", "train"), Some("--val", "val"), Some("--test", "test, 0 for none"));
        var size = Number("--size", "Height and width in pixels.", usual.Size);
        var command = new Command(Images, "Writes Fashion-MNIST as a folder of JPEGs in ImageNet's layout.")
        {
            folder, source, train, validation, test, size,
        };
        command.SetAction(parsed => LongWork.Run(error, stop =>
        {
            var (place, progress) = (parsed.GetRequiredValue(folder), new ConsoleProgress(output));
            var data = parsed.GetValue(source) == Full ? FashionMnist.Full() : FashionMnist.Mini();
            var count = FashionFolder.Write(
                place, new FashionFolderOptions(
                    parsed.GetValue(train), parsed.GetValue(validation), parsed.GetValue(test), parsed.GetValue(size)),
                data, Context(progress, stop));
            progress.Line($"{place}: {count:N0} images of {data.Name}.");
            return KdCommand.Ok;
        }, cancellation));
        return command;
    }

    private static Option<int?> Some(string name, string split) =>
        new(name) { Description = $"How many images of {split}. [default: all]", HelpName = "N" };

    private static RunContext Context(ConsoleProgress progress, CancellationToken stop) =>
        RunContext.Current with { Progress = progress, Cancellation = stop };

    private static Option<int> Number(string name, string description, int usual) =>
        new(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => usual };

    private static Argument<string> Dataset(params string[] names)
    {
        var argument = new Argument<string>("DATASET") { Description = $"One of: {string.Join(", ", names)}." };
        argument.AcceptOnlyFromAmong(names);
        return argument;
    }

    private static Option<string?> Folder(string description) =>
        new("--dir") { Description = description, HelpName = "DIR" };
}
