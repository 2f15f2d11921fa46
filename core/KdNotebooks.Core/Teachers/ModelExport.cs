using KdNotebooks.Recipes;
using KdNotebooks.Runtime;
using KdNotebooks.Weights;
using KdNotebooks.Weights.Onnx;

namespace KdNotebooks.Teachers;

/// <summary>A trained network alone, without what it was held by, for others: PyTorch by safetensors, and ONNX.</summary>
public static class ModelExport
{
    /// <summary>
    /// Parameters and buffers under the network's own names, which are those of the code base that it is called after: torchvision
    /// and RepDistiller load them as they are. The file says beside them what builds the network again here.
    /// </summary>
    /// <param name="file">The file, replaced whole or, on an error, not at all; its folder is made.</param>
    /// <exception cref="KdException">The model cannot be read, or the file not be written.</exception>
    public static void SafeTensors(TrainedModel model, string file)
    {
        using var network = model.Build().Root;
        MakeFolder(file);
        if (model.IsWeightsAlone)
        {
            StateDict.Save(file, network);
        }
        else
        {
            TrainedModel.Save(file, network, model.Recipe, model.Channels, model.Classes, model.ClassNames);
        }
    }

    /// <summary>
    /// Input "images" [batch, C, H, W], normalized as in training; output "logits". See <see cref="OnnxExport.Write"/>.
    /// </summary>
    /// <param name="file">The file, replaced whole or, on an error, not at all; its folder is made.</param>
    /// <param name="size">Height and width; null (the default) are those of the images that it was trained on.</param>
    /// <param name="fold">
    /// Whether a batch normalization behind a convolution is taken into its weights. The default value is false.
    /// </param>
    /// <exception cref="KdException">
    /// The model cannot be exported, or its data is not there and no size is given, or the file cannot be written.
    /// </exception>
    public static void Onnx(TrainedModel model, string file, (long Height, long Width)? size = null, bool fold = false)
    {
        var known = size is null ? Image(model) : [model.Channels, size.Value.Height, size.Value.Width];
        var network = model.Build();
        using var root = network.Root;
        MakeFolder(file);
        OnnxExport.Write(file, network, known, fold, new Dictionary<string, string>
        {
            ["network"] = model.Spec.Name,
            ["weights"] = model.Fingerprint,
        });
    }

    private static IReadOnlyList<long> Image(TrainedModel model)
    {
        try
        {
            return model.IsWeightsAlone ? throw new KdException("the file does not say for which data it is")
                : [.. model.Recipe.OpenTask().Image];
        }
        catch (KdException error)
        {
            throw new KdException(
                $"{model.Path}: the size of its images is not known ({error.Message.TrimEnd('.')}); expected the data to be there, or "
                + "a height and a width.",
                error);
        }
    }

    private static void MakeFolder(string file) =>
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
}
