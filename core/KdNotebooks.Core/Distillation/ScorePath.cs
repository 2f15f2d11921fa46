using KdNotebooks.Runtime;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Distillation;

/// <summary>
/// What a teacher is asked for where only its class scores count: the logits of a tap, [N, A K, H, W], become the largest
/// of their sigmoids at each position, [N, 1, H, W]. So one channel is computed, kept and read, and not A K.
/// </summary>
internal static class ScorePath
{
    private const string Prefix = "scores of ";

    /// <param name="path">Module path of the logits: "rpn.head.cls_logits[2]".</param>
    public static string Of(string path) => Prefix + path;

    /// <summary>The tap's own path, and whether its scores are meant.</summary>
    public static (string Path, bool Scores) Parse(string path) =>
        path.StartsWith(Prefix, StringComparison.Ordinal) ? (path[Prefix.Length..], true) : (path, false);

    /// <exception cref="KdException">These are no logits at positions.</exception>
    public static long[] Shape(string path, long[] logits) => logits.Length == 3 ? [1, logits[1], logits[2]]
        : throw new KdException(
            $"Scores '{path}': one image gives [{string.Join(", ", logits)}] there; expected class logits at positions, "
            + "[A K, H, W]: tap the last convolution of a detector's dense head.");

    /// <summary>[N, A K, H, W] -> [N, 1, H, W]; it belongs to the caller's dispose scope.</summary>
    public static Tensor Scores(Tensor logits)
    {
        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        // The sigmoid grows with its logit: that of the largest is the largest.
        return logits.amax([1], keepdim: true).sigmoid().MoveToOuterDisposeScope();
    }

    /// <summary>Scores at a map's size; they belong to the caller's dispose scope.</summary>
    public static Tensor Fit(Tensor scores, Tensor map) =>
        scores.shape[2] == map.shape[2] && scores.shape[3] == map.shape[3] ? scores.alias() : functional.interpolate(
            scores, [map.shape[2], map.shape[3]], mode: torch.InterpolationMode.Bilinear, align_corners: false);
}
