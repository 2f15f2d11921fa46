namespace KdNotebooks.Invariants;

/// <summary>
/// What a loss or an aligner says of itself, to be tested by property. A <see cref="Invariants.AboutAttribute"/> claims;
/// KdNotebooks.Properties tests.
/// </summary>
[Flags]
public enum Claim : long
{
    None = 0,

    /// <summary>Value and gradient are finite for finite inputs.</summary>
    Finite = 1L << 0,

    /// <summary>No gradient reaches the teacher, even where it could learn.</summary>
    TeacherUntouched = 1L << 1,

    /// <summary>The order of the images in the batch does not matter.</summary>
    BatchOrder = 1L << 2,

    /// <summary>The gradient agrees with finite differences.</summary>
    GradientIsSlope = 1L << 3,

    /// <summary>Contiguous and channels-last inputs give the same value.</summary>
    LayoutFree = 1L << 4,

    /// <summary>Nothing but the result is alive after the call.</summary>
    NothingLeft = 1L << 5,

    /// <summary>In float32 it gives a float32 near the float64 value.</summary>
    PrecisionKept = 1L << 6,

    /// <summary>At least 0.</summary>
    NonNegative = 1L << 7,

    /// <summary>0, with a gradient of 0, where student and teacher are equal.</summary>
    ZeroAtEquality = 1L << 8,

    /// <summary>A number added to all logits of an image, the student's or the teacher's, does not matter.</summary>
    LogitShift = 1L << 9,

    /// <summary>
    /// The term between classes does not change when a row of probabilities goes through a positive affine map
    /// (<see cref="Losses.IClassRelation"/>).
    /// </summary>
    AffineRows = 1L << 10,

    /// <summary>KD = TCKD + (1 - p_target) NCKD for each image (<see cref="Losses.IDecoupled"/>).</summary>
    Decomposition = 1L << 11,

    /// <summary>The order of the student's channels does not matter.</summary>
    ChannelOrder = 1L << 12,

    /// <summary>A positive factor on the student's map does not matter.</summary>
    PositiveScale = 1L << 13,

    /// <summary>An orthogonal map of the student's features does not matter.</summary>
    Orthogonal = 1L << 14,

    /// <summary>A positive affine map of each of the student's channels does not matter.</summary>
    ChannelAffine = 1L << 15,

    /// <summary>A number added to each of the student's channels does not matter.</summary>
    ChannelShift = 1L << 16,

    /// <summary>
    /// A rotation, translation and scaling of the student's features, all images alike, does not matter.
    /// </summary>
    Similarity = 1L << 17,

    /// <summary>The sum for each image is the mean times C H W (<see cref="Losses.IReducible"/>).</summary>
    SumIsMeanTimesSize = 1L << 18,

    /// <summary>
    /// An aligner: commutes with every permutation of positions, so no neighbourhood counts. (What is gathered over all
    /// positions alike may: a batch normalization's statistics, a global context.)
    /// </summary>
    PositionWise = 1L << 19,

    /// <summary>An aligner of depth 0 computes what the linear aligner of the same weights does.</summary>
    DepthZeroIsLinear = 1L << 20,

    /// <summary>An aligner: outputs differ at most by the product of its weights' norms times what inputs do.</summary>
    Lipschitz = 1L << 21,

    /// <summary>An aligner: gives [N, C_t, H, W] for [N, C_s, H, W].</summary>
    TeacherChannels = 1L << 22,

    /// <summary>
    /// An aligner: it is linear, and its weight's columns (or rows, whichever are fewer) are orthonormal, so norms are
    /// kept. The weight W [C_t, C_s] is what it makes of the identity: sent through as the map [C_s, C_s, 1, 1], it
    /// gives the columns of W as [C_s, C_t, 1, 1].
    /// </summary>
    Orthonormal = 1L << 23,

    /// <summary>What every loss claims.</summary>
    EveryLoss = Finite | TeacherUntouched | BatchOrder | GradientIsSlope | LayoutFree | NothingLeft | PrecisionKept,

    /// <summary>What a loss claims that is a distance of some kind.</summary>
    Distance = EveryLoss | NonNegative | ZeroAtEquality,

    /// <summary>What every aligner claims.</summary>
    EveryAligner = Finite | LayoutFree | NothingLeft | TeacherChannels,
}
