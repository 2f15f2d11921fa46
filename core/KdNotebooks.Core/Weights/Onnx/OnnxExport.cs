using Google.Protobuf;
using KdNotebooks.Data;
using KdNotebooks.Models;
using KdNotebooks.Runtime;
using KdNotebooks.Tracing;
using Onnx;

namespace KdNotebooks.Weights.Onnx;

/// <summary>Writes a network as ONNX (onnx.ai), for ONNX Runtime and what else reads it.</summary>
/// <remarks>
/// One pass of the network is seen (<see cref="Trace"/>), operation by operation, and written with OnnxSharp's classes of the
/// format: whatever is made of TorchSharp's modules and of the operations of <see cref="Traced"/> can be exported, with no code
/// of its own. What is not seen is refused, and the module named.
/// </remarks>
public static class OnnxExport
{
    /// <summary>The version of ONNX's operators: 13, which every ONNX Runtime since 1.8 reads.</summary>
    public const int Opset = 13;

    private const int IrVersion = 7; // of ONNX 1.8, which brought opset 13
    private const int Images = 2;
    private const long Most = int.MaxValue; // a protobuf message's bytes

    /// <summary>
    /// Writes a file whose input "images" is [batch, C, H, W], float32, normalized as in training, with any number of images of
    /// the one size, and whose output "logits" is [batch, K] or [batch, K, H, W]. The file is replaced whole or, on an error,
    /// not at all.
    /// </summary>
    /// <param name="path">The file; its folder exists.</param>
    /// <param name="network">On whatever device; it is left as it is.</param>
    /// <param name="image">Of one image: [C, H, W].</param>
    /// <param name="fold">
    /// Whether a batch normalization behind a convolution is taken into its weights. The default value is false.
    /// </param>
    /// <param name="metadata">Free text by name; none by default.</param>
    /// <exception cref="KdException">
    /// The network does something that cannot be exported, gives no logits, does not take such images, or is larger than the 2
    /// GB that the format holds in one file; or the file cannot be written.
    /// </exception>
    public static void Write(
        string path, INetwork network, IReadOnlyList<long> image, bool fold = false,
        IReadOnlyDictionary<string, string>? metadata = null)
    {
        using var scope = torch.NewDisposeScope();
        using var modes = ModuleModes.Keep(network.Root);
        network.Root.eval();
        var trace = See(network, image);
        var model = Model(fold ? FoldedTrace.Of(trace) : trace, metadata);
        var bytes = model.Graph.Initializer.Sum(tensor => (long)tensor.RawData.Length);
        if (bytes > Most)
        {
            throw new KdException($"{path}: the network has {bytes} bytes of weights; ONNX holds {Most} in one file.");
        }

        AtomicFile.Write(path, stream => model.WriteTo(stream));
    }

    private static TraceGraph See(INetwork network, IReadOnlyList<long> image)
    {
        if (image.Count != 3 || image.Any(size => size < 1))
        {
            throw new KdException($"ONNX: an image is [{string.Join(", ", image)}]; expected [C, H, W], each at least 1.");
        }

        var root = network.Root;
        var device = root.parameters().FirstOrDefault()?.device ?? torch.CPU;
        // Numbers of a formula: what is computed depends on them, what is written does not.
        var index = torch.arange(Images * image[0] * image[1] * image[2], dtype: torch.float32);
        var images = (index * 0.37).sin().view([Images, .. image]).to(device);
        try
        {
            return Trace.Of(root, images, given => network.Forward(Batch.Of(given)) is ModelOutput output ? output.Logits
                : throw new KdException(
                    $"{root.GetName()} gives no logits alone; ONNX is written of networks that give [N, K] or [N, K, H, W]."));
        }
        catch (Exception error) when (error is not (KdException or OperationCanceledException))
        {
            throw new KdException(
                $"{root.GetName()} does not take images of [{string.Join(", ", image)}]: {Failure.Line(error)}", error);
        }
    }

    private static ModelProto Model(TraceGraph trace, IReadOnlyDictionary<string, string>? metadata)
    {
        var graph = new OnnxGraph();
        var names = new Dictionary<int, string> { [0] = graph.Name("images") };
        var steps = new OnnxSteps(graph);
        var result = graph.Name("logits");
        foreach (var step in trace.Steps)
        {
            var wanted = $"{(step.Where.Length == 0 ? "network" : step.Where)}/{step.Output}";
            names[step.Output] = steps.Write(step, [.. step.Inputs.Select(value => names[value])], wanted);
        }

        // The format has no other way to call a value: it is given once more.
        var last = new NodeProto { OpType = "Identity", Name = "logits" };
        last.Input.Add(names[trace.Result]);
        last.Output.Add(result);
        graph.Proto.Node.Add(last);
        graph.Proto.Name = "network";
        graph.Proto.Input.Add(Info("images", trace.Input));
        graph.Proto.Output.Add(Info(result, trace.Output));
        var model = new ModelProto
        {
            IrVersion = IrVersion,
            ProducerName = "KdNotebooks",
            ProducerVersion = $"{typeof(OnnxExport).Assembly.GetName().Version}",
            Graph = graph.Proto,
        };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = Opset });
        foreach (var (name, text) in (metadata ?? new Dictionary<string, string>()).OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            model.MetadataProps.Add(new StringStringEntryProto { Key = name, Value = text });
        }

        return model;
    }

    private static ValueInfoProto Info(string name, IReadOnlyList<long> shape)
    {
        var dims = new TensorShapeProto();
        dims.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = "batch" });
        dims.Dim.AddRange(shape.Skip(1).Select(size => new TensorShapeProto.Types.Dimension { DimValue = size }));
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto
            {
                TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = dims },
            },
        };
    }
}
