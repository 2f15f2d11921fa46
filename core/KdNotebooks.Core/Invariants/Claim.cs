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

    /// <summary>
    /// It computes what its formula, written out once more on plain numbers, gives: a wrong factor, sign, axis or small
    /// constant breaks it. Of ours the formulas are known; a reader's own is passed (<c>checkFormula</c>).
    /// </summary>
    Formula = 1L << 24,

    /// <summary>It gives the values that were worked out for stated inputs.</summary>
    WorkedValue = 1L << 25,

    /// <summary>The same images again, twice or more, do not matter: it is a mean over images.</summary>
    BatchRepeated = 1L << 26,

    /// <summary>
    /// The same channels again, the student's and the teacher's, do not matter: it is a mean over channels, or does not
    /// depend on their number.
    /// </summary>
    ChannelsRepeated = 1L << 27,

    /// <summary>
    /// Both maps laid out again beside themselves do not matter: it is a mean over positions, or does not depend on
    /// their number.
    /// </summary>
    MapsTiled = 1L << 28,

    /// <summary>A positive factor on both maps does not matter: homogeneous of degree 0.</summary>
    DegreeZero = 1L << 29,

    /// <summary>A factor on both maps comes out squared: homogeneous of degree 2.</summary>
    DegreeTwo = 1L << 30,

    /// <summary>A factor on student, teacher and temperature comes out squared, as T² makes it.</summary>
    TemperatureScale = 1L << 31,

    /// <summary>
    /// At a high temperature it is half the mean squared difference of what is softened, each row of it without its
    /// mean: what T² KL tends to.
    /// </summary>
    TemperatureLimit = 1L << 32,

    /// <summary>What is built starts as its documentation says: how its weights are drawn, what is 0 or 1.</summary>
    FirstWeights = 1L << 33,

    /// <summary>What pins a loss down: no other function keeps both.</summary>
    Pinned = Formula | WorkedValue,

    /// <summary>What every loss claims.</summary>
    EveryLoss = Finite | TeacherUntouched | BatchOrder | GradientIsSlope | LayoutFree | NothingLeft | PrecisionKept,

    /// <summary>What a loss claims that is a distance of some kind.</summary>
    Distance = EveryLoss | NonNegative | ZeroAtEquality,

    /// <summary>What every aligner claims.</summary>
    EveryAligner = Finite | LayoutFree | NothingLeft | TeacherChannels,

    /// <summary>What pins an aligner down: what it computes, its gradient, and how it starts.</summary>
    PinnedAligner = Formula | GradientIsSlope | FirstWeights,
}
