namespace KdNotebooks.Tasks;

/// <summary>One measure over another: of a detector precision over recall.</summary>
/// <param name="Name">Which of a score's curves: "IoU 0.50".</param>
/// <param name="XName">What the horizontal axis measures: "recall".</param>
/// <param name="YName">What the vertical axis measures: "precision".</param>
/// <param name="X">Rising; the same for every model, so that curves can be compared point by point.</param>
/// <param name="Y">As many numbers as <paramref name="X"/>; NaN where there is none.</param>
public sealed record ScoreCurve(
    string Name, string XName, string YName, IReadOnlyList<double> X, IReadOnlyList<double> Y);
