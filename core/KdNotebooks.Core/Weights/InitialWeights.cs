using KdNotebooks.Models;
using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Weights;

/// <summary>
/// What a student begins with in the place of random weights: those of a model that was trained for something else, as
/// a backbone for ImageNet. What the file holds beside them is not looked at.
/// </summary>
/// <param name="File">A safetensors file, with PyTorch's names: "conv1.weight", "layer1.0.conv1.weight", ...</param>
/// <param name="Module">The path of the student's module that they are for. The default value is "backbone".</param>
/// <param name="Prefix">
/// What stands before the names in the file, without its last dot; null (the default) for nothing.
/// </param>
public sealed record InitialWeights(string File, string Module = "backbone", string? Prefix = null)
{
    /// <exception cref="KdException">
    /// No such file or module; or tensors are missing or have another shape: all are named.
    /// </exception>
    internal void LoadInto(Module student)
    {
        using var file = SafeTensorsFile.Open(File);
        StateDict.LoadFrom(file, ModuleTable.Find(student, Module), Prefix);
    }

    /// <summary>SHA-256 of the file, 64 lower-case hex digits.</summary>
    internal string Fingerprint() => Sha256.OfFile(File);
}
