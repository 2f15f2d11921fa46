using System.Numerics;

namespace KdNotebooks.Invariants;

/// <summary>Claims in words.</summary>
public static class Claims
{
    private static readonly Dictionary<Claim, string> All = new()
    {
        [Claim.Finite] = "finite",
        [Claim.TeacherUntouched] = "no gradient to the teacher",
        [Claim.BatchOrder] = "order of images",
        [Claim.GradientIsSlope] = "gradient is the slope",
        [Claim.LayoutFree] = "memory layout",
        [Claim.NothingLeft] = "nothing left alive",
        [Claim.PrecisionKept] = "precision kept",
        [Claim.NonNegative] = "≥ 0",
        [Claim.ZeroAtEquality] = "0 at equality",
        [Claim.LogitShift] = "shift of logits",
        [Claim.AffineRows] = "affine map of rows",
        [Claim.Decomposition] = "KD = TCKD + (1 − p) NCKD",
        [Claim.ChannelOrder] = "order of channels",
        [Claim.PositiveScale] = "positive scale",
        [Claim.Orthogonal] = "orthogonal map of features",
        [Claim.ChannelAffine] = "affine map of channels",
        [Claim.ChannelShift] = "shift of channels",
        [Claim.Similarity] = "rotation, translation, scale",
        [Claim.SumIsMeanTimesSize] = "sum = mean × C H W",
        [Claim.PositionWise] = "position-wise",
        [Claim.DepthZeroIsLinear] = "depth 0 is linear",
        [Claim.Lipschitz] = "Lipschitz by its weights",
        [Claim.TeacherChannels] = "teacher's channels",
        [Claim.Orthonormal] = "orthonormal weight",
        [Claim.Formula] = "its formula written out",
        [Claim.WorkedValue] = "worked value",
        [Claim.BatchRepeated] = "batch repeated",
        [Claim.ChannelsRepeated] = "channels repeated",
        [Claim.MapsTiled] = "maps tiled",
        [Claim.DegreeZero] = "factor on both",
        [Claim.DegreeTwo] = "factor on both, squared",
        [Claim.TemperatureScale] = "factor on logits and temperature, squared",
        [Claim.TemperatureLimit] = "high temperature",
        [Claim.FirstWeights] = "first weights",
    };

    /// <summary>The single claims of a set, in their order.</summary>
    public static IReadOnlyList<Claim> Each(Claim claims) =>
        [.. Enum.GetValues<Claim>().Where(claim => BitOperations.PopCount((ulong)claim) == 1 && claims.HasFlag(claim))];

    /// <summary>A single claim in a few words: what holds, or what does not matter.</summary>
    public static string Word(Claim claim) => All[claim];

    /// <summary>A set in words, with what every loss or aligner claims said as one.</summary>
    /// <param name="general">Claim.EveryLoss or Claim.EveryAligner.</param>
    /// <param name="generally">"every loss's".</param>
    public static string Words(Claim claims, Claim general, string generally)
    {
        var missing = Each(general & ~claims).Select(Word).ToList();
        var first = missing.Count == 0 ? generally : $"{generally} but {string.Join(", ", missing)}";
        return string.Join("; ", Each(claims & ~general).Select(Word).Prepend(first));
    }
}
