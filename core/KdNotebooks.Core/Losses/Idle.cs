namespace KdNotebooks.Losses;

/// <summary>What of a loss is the same whatever the student gives, for maps or logits of some size.</summary>
/// <param name="Why">In a sentence, with what to do.</param>
/// <param name="Whole">
/// Whether it is all of the loss, which then teaches nothing and is refused, or a part, which is said. The default is
/// all.
/// </param>
public sealed record Idle(string Why, bool Whole = true)
{
    // Normalized over positions, one position is always the same.
    internal static Idle? OnePosition(
        string loss, Aligners.FeatureShape student, Aligners.FeatureShape teacher, string what) =>
        Math.Min(student.Height, teacher.Height) == 1 && Math.Min(student.Width, teacher.Width) == 1
            ? new Idle($"{loss} compares {what} over the positions of a map, and there is one position, where it is "
                + "always the same. Tap a map before it is pooled, or compare with l2 or cosine.")
            : null;

    // Of length 1 and of one number is +1 or -1 only.
    internal static Idle? OneChannel(string loss, long channels) => channels == 1
        ? new Idle($"{loss} compares directions of pooled features, and features of one channel have none but + and -. "
            + "Tap a map of more channels, or compare with l2.")
        : null;
}
