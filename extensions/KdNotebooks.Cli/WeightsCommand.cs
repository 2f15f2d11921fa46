using System.CommandLine;
using KdNotebooks.Weights;

namespace KdNotebooks.Cli;

/// <summary><c>kd weights</c>: what files of weights hold.</summary>
internal static class WeightsCommand
{
    public static Command Create(TextWriter output) => new("weights", "Shows files of weights: safetensors, and PyTorch's.")
    {
        Show(output),
    };

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
