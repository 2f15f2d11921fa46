using System.CommandLine;
using KdNotebooks.Runtime;
using KdNotebooks.Teachers;
using KdNotebooks.Weights;

namespace KdNotebooks.Cli;

/// <summary><c>kd weights</c>: what files of weights hold, and a run's student for others.</summary>
internal static class WeightsCommand
{
    public static Command Create(TextWriter output) => new("weights", "Files of weights: shows them, and writes a student for others.")
    {
        Show(output),
        Export(output),
    };

    private static Command Export(TextWriter output)
    {
        var run = new Argument<string>("RUN") { Description = "A run's folder, or a trained model: a name or a safetensors file." };
        var onnx = File("--onnx", "ONNX, opset 13: \"images\" [batch, C, H, W] to \"logits\".");
        var safetensors = File("--safetensors", "Safetensors, under the names of the network's code base.");
        var fold = new Option<bool>("--fold") { Description = "ONNX: batch normalization is taken into the convolutions before it." };
        var epoch = new Option<string>("--epoch")
        {
            Description = "The student after which epoch: last or best.",
            HelpName = "WHICH",
            DefaultValueFactory = _ => "last",
        };
        epoch.AcceptOnlyFromAmong("last", "best");
        var size = new Option<string?>("--size")
        {
            Description = "ONNX: height and width of an image. [default: as it was trained on]",
            HelpName = "HxW",
        };
        var command = new Command("export", "Writes a run's student alone, without its aligners.")
        {
            run, onnx, safetensors, fold, epoch, size,
        };
        command.SetAction(parsed =>
        {
            var (graph, plain) = (parsed.GetValue(onnx), parsed.GetValue(safetensors));
            if (graph is null && plain is null)
            {
                throw new KdException("Nothing is to be written: expected --onnx FILE, --safetensors FILE or both.");
            }

            var source = parsed.GetRequiredValue(run);
            var model = TrainedModel.Load(
                Directory.Exists(source) ? Path.Combine(source, $"{parsed.GetValue(epoch)}.safetensors") : source);
            if (graph is not null)
            {
                ModelExport.Onnx(model, graph, Size(parsed.GetValue(size)), parsed.GetValue(fold));
                output.WriteLine($"{graph}: {model.Spec.Name} as ONNX, {new FileInfo(graph).Length:N0} bytes");
            }

            if (plain is not null)
            {
                ModelExport.SafeTensors(model, plain);
                output.WriteLine($"{plain}: {model.Spec.Name} as safetensors, {new FileInfo(plain).Length:N0} bytes");
            }

            return KdCommand.Ok;
        });
        return command;

        static Option<string?> File(string name, string what) => new(name) { Description = what, HelpName = "FILE" };
    }

    private static (long Height, long Width)? Size(string? text) => text is null ? null
        : text.Split('x') is [var height, var width] && int.TryParse(height, out var h) && int.TryParse(width, out var w) && h > 0 && w > 0
            ? (h, w)
            : throw new KdException($"--size is '{text}'; expected a height and a width in pixels, as in 224x224.");

    private static Command Show(TextWriter output)
    {
        var file = new Argument<string>("FILE") { Description = "A .safetensors, .pth or .pt file; nothing in it is run." };
        var entry = new Option<string?>("--entry")
        {
            Description = "Where in a checkpoint the weights are, as in state_dict. [default: found where there is one choice]",
            HelpName = "NAME",
        };
        var command = new Command("show", "Names, types and shapes of its tensors, and what was not built.") { file, entry };
        command.SetAction(parsed =>
        {
            using var weights = WeightsFile.Open(parsed.GetRequiredValue(file), parsed.GetValue(entry));
            output.Write(WeightsText.Of(weights));
            return KdCommand.Ok;
        });
        return command;
    }
}
