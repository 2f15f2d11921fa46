using System.Text;
using KdNotebooks.Data;
using KdNotebooks.Runtime;
using Microsoft.Data.Analysis;
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Models;

/// <summary>One module of a model: where a tap can be set, and what it would capture.</summary>
/// <param name="Path">The module path, as in "layer3.0.conv1"; "" is the model itself.</param>
/// <param name="Shape">Of the output for one image: [C, H, W] of a map, [K] of a vector.</param>
/// <param name="Parameters">Trainable numbers in the module and below it.</param>
/// <param name="MultiplyAdds">
/// Of convolutions and linear layers in the module and below it, for one image: as many as the pass does, so one that
/// is called twice counts twice. Normalizations, activations and pooling count as none.
/// </param>
public sealed record ModuleRow(
    string Path, string Type, IReadOnlyList<long> Shape, long Parameters, long MultiplyAdds = 0);

/// <summary>The module paths of any model with the shapes of their outputs.</summary>
public sealed class ModuleTable
{
    /// <summary>What the column of multiply-adds holds.</summary>
    public const string Counted =
        "Multiply-adds of convolutions and linear layers for one image; everything else counts as none.";

    private ModuleTable(IReadOnlyList<ModuleRow> rows) => Rows = rows;

    /// <summary>In the order of the model's own listing.</summary>
    public IReadOnlyList<ModuleRow> Rows { get; }

    /// <summary>
    /// Sends two images of zeros through the model, in evaluation mode, and notes what every module gives.
    /// </summary>
    /// <param name="model">Left in the mode it was in, part by part.</param>
    /// <param name="image">Shape of one image: [C, H, W].</param>
    public static ModuleTable Of(Module model, params long[] image)
    {
        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var shapes = new Dictionary<Module, long[]>();
        var costs = new Dictionary<Module, long>();
        var hooked = Paths(model).Select(entry => entry.Module).OfType<Module<Tensor, Tensor>>().Distinct()
            .Select(module => module.register_forward_hook((_, _, output) =>
            {
                shapes[module] = [.. output.shape.Skip(1)]; // a scalar has no axis to leave out
                costs[module] = costs.GetValueOrDefault(module) + Cost(module, output);
                return output;
            })).ToList();
        var network = Network.Of(model);
        using var modes = ModuleModes.Keep(model);
        try
        {
            model.eval();
            // Two: for one alone libtorch asks for NNPACK, and prints a warning where the processor has none of it.
            network.Forward(Batch.Of(torch.zeros([2, .. image], device: model.parameters().FirstOrDefault()?.device)));
        }
        finally
        {
            hooked.ForEach(hook => hook.remove());
        }

        return new ModuleTable([.. Paths(model).Where(entry => shapes.ContainsKey(entry.Module)).Select(entry =>
            new ModuleRow(entry.Path, entry.Module.GetType().Name, shapes[entry.Module],
                entry.Module.parameters().Sum(parameter => parameter.numel()),
                entry.Module.modules().Prepend(entry.Module).Distinct().Sum(part => costs.GetValueOrDefault(part))))]);
    }

    /// <summary>One row a module: path, type, shape, parameters, multiply-adds.</summary>
    public DataFrame ToDataFrame() => new(
        new StringDataFrameColumn("path", Rows.Select(row => row.Path)),
        new StringDataFrameColumn("type", Rows.Select(row => row.Type)),
        new StringDataFrameColumn("shape", Rows.Select(row => Text(row.Shape))),
        new Int64DataFrameColumn("parameters", Rows.Select(row => row.Parameters)),
        new Int64DataFrameColumn("multiply-adds", Rows.Select(row => row.MultiplyAdds)));

    /// <summary>Aligned columns of plain text.</summary>
    public override string ToString()
    {
        var width = Math.Max(4, Rows.Max(row => row.Path.Length));
        var text = new StringBuilder($"{"path".PadRight(width)}  {"type",-18}  {"shape",-14}  parameters");
        text.Append("  multiply-adds\n");
        foreach (var row in Rows)
        {
            text.Append($"{row.Path.PadRight(width)}  {row.Type,-18}  {Text(row.Shape),-14}  {row.Parameters,10}");
            text.Append($"  {row.MultiplyAdds,13}\n");
        }

        return text.ToString();
    }

    /// <exception cref="KdException">There is none at this path; the message names the nearest.</exception>
    internal static Module Find(Module model, string path)
    {
        var known = Paths(model).ToList();
        return known.FirstOrDefault(entry => entry.Path == path).Module ?? throw new KdException(
            $"{model.GetName()} has no module '{path}'; the nearest is "
            + $"'{Nearest.Of(path, known.Select(entry => entry.Path))}'. {nameof(ModuleTable)} lists them all.");
    }

    internal static IEnumerable<(string Path, Module Module)> Paths(Module model) =>
        model.named_modules().Prepend(("", model)).DistinctBy(entry => entry.Item1);

    // Each number of the output is a sum over the weights that lead to it. The batch is two images.
    private static long Cost(Module module, Tensor output) => module switch
    {
        Conv1d { weight: { } weight } => Product(weight, output),
        Conv2d { weight: { } weight } => Product(weight, output),
        Conv3d { weight: { } weight } => Product(weight, output),
        Linear { weight: { } weight } => Product(weight, output),
        _ => 0,
    };

    // weight: [C_out, C_in / groups, ...] or [out, in]
    private static long Product(Tensor weight, Tensor output) => weight.numel() / weight.shape[0] * output.numel() / 2;

    private static string Text(IReadOnlyList<long> shape) => $"[{string.Join(", ", shape)}]";
}
