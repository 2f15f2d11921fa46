using KdNotebooks.Runtime;

namespace KdNotebooks.Distillation;

/// <summary>What a teacher's features depend on; another value of any of it is another cache.</summary>
/// <param name="Teacher">Fingerprint of the weights.</param>
/// <param name="Data">Fingerprint of the training images.</param>
/// <param name="Views">How the images are augmented.</param>
/// <param name="Paths">What is captured.</param>
internal sealed record FeatureKey(string Teacher, string Data, string Views, IReadOnlyList<string> Paths)
{
    /// <summary>The cache folder's name: 32 hex digits.</summary>
    public string Hash => Sha256.OfText(string.Join('\n', [Teacher, Data, Views, .. Paths]))[..32];
}
