using KdNotebooks.Native;
using KdNotebooks.Runtime;

namespace KdNotebooks.Distillation;

/// <summary>What a teacher's features depend on; another value of any of it is another cache.</summary>
/// <param name="Teacher">Fingerprint of the weights' file, which says of which model they are.</param>
/// <param name="Data">Fingerprint of the training images.</param>
/// <param name="Views">How the images are augmented; of a reader's own augmentation its code.</param>
/// <param name="Paths">What is captured.</param>
/// <param name="Maker">What computed them: numbers, device and code.</param>
internal sealed record FeatureKey(
    string Teacher, string Data, string Views, IReadOnlyList<string> Paths, string Maker)
{
    // Of the files.
    private const string Format = "features 2";

    public FeatureKey(string teacher, string data, string views, IReadOnlyList<string> paths)
        : this(teacher, data, views, paths, MakerOn(torch.CPU))
    {
    }

    /// <summary>The cache folder's name: 32 hex digits.</summary>
    public string Hash => Sha256.OfText(string.Join('\n', [Format, Teacher, Data, Views, Maker, .. Paths]))[..32];

    /// <summary>
    /// Precision, what rounds (device, threads, processor), and the very builds of this library and of TorchSharp.
    /// </summary>
    /// <remarks>
    /// A build's module id is made of its code: other code is another maker, the same code built again is not.
    /// </remarks>
    public static string MakerOn(torch.Device device) =>
        $"float32 on {Machine.Current(device)}, {typeof(FeatureKey).Module.ModuleVersionId}, "
        + $"{typeof(torch).Module.ModuleVersionId}";
}
