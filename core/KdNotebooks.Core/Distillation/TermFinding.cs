namespace KdNotebooks.Distillation;

/// <summary>What a first look says of one term.</summary>
/// <param name="Term">Its name in metrics.</param>
/// <param name="Refusal">Why it cannot teach; null where it can.</param>
/// <param name="Notes">What is to be said before training, a sentence each.</param>
internal sealed record TermVerdict(string Term, string? Refusal, IReadOnlyList<string> Notes);

/// <summary>What was seen of one term so far.</summary>
internal sealed class TermFinding(TermLook first)
{
    public bool Seen { get; set; }

    public bool Reaches { get; set; }

    public bool Teaches { get; set; }

    public bool Elsewhere { get; set; }

    public bool[] Maps { get; } = new bool[first.Student.Count];

    // What has nothing to learn needs no gradient.
    public bool[] Parts { get; } = new bool[first.Parts.Count];

    private bool[] Learns { get; } =
        [.. first.Parts.Select(part => part.Module.parameters().Any(parameter => parameter.requires_grad))];

    public bool IsSettled => first.Weight == 0 || first.Idle is { Whole: true }
        || (Teaches && Maps.All(real => real) && Missing.Count == 0);

    private List<string> Missing => [.. first.Parts.Where((_, i) => Learns[i] && !Parts[i]).Select(part => part.Name)];

    private bool AlignerLearns => Parts.Any(real => real);

    public void Add((bool[] Maps, bool[] Parts) real)
    {
        for (var i = 0; i < Maps.Length; i++)
        {
            Maps[i] |= real.Maps[i];
        }

        for (var i = 0; i < Parts.Length; i++)
        {
            Parts[i] |= real.Parts[i];
        }
    }

    public TermVerdict Verdict(int images)
    {
        var notes = new List<string>();
        var refusal = first switch
        {
            { Weight: 0 } => null,
            { Idle: { Whole: true } idle } => $"'{first.Name}' cannot teach: {idle.Why}",
            _ => Measured(images, notes),
        };
        if (refusal is null && first is { Weight: > 0, Idle: { } part })
        {
            notes.Insert(0, $"'{first.Name}': {part.Why}");
        }

        return new TermVerdict(first.Name, refusal, notes);
    }

    private string? Measured(int images, List<string> notes)
    {
        var where = string.Join(" and ", first.Paths.Select(path => $"'{path}'"));
        var shapes = string.Join(", ", Shapes);
        if (!Seen)
        {
            notes.Add($"'{first.Name}' finds nothing to compare in the first {images} images.");
            return null;
        }

        if (!Maps.Any(real => real))
        {
            return Silent(images, shapes, notes);
        }

        if (!Reaches && !AlignerLearns)
        {
            return $"'{first.Name}' cannot teach: its gradient does not reach the student's weights, for the output at "
                + $"{where} does not come from them by operations that have gradients. Tap another module.";
        }

        if (!Teaches)
        {
            notes.Add(Reaches
                ? $"'{first.Name}' reaches frozen parts of the student alone: "
                    + (AlignerLearns
                        ? "it trains its aligner, and the student learns nothing by it."
                        : "it trains nothing.")
                : $"'{first.Name}' trains its aligner alone: no gradient reaches the student's weights through "
                    + $"{where}.");
            return null;
        }

        notes.AddRange(first.Paths.Where((_, i) => !Maps[i]).Select(path =>
            $"'{first.Name}' gives the student no gradient at '{path}' on the first {images} images."));
        notes.AddRange(Missing.Select(part =>
            $"'{first.Name}' gives {part} no gradient on the first {images} images: it stays as it began."));
        return null;
    }

    private string? Silent(int images, string shapes, List<string> notes)
    {
        if (AlignerLearns)
        {
            notes.Add($"'{first.Name}' trains its aligner alone on the first {images} images: the student gets no "
                + "gradient from it, and a run may come out as the student alone.");
            return null;
        }

        if (first.SeesTargets || Elsewhere)
        {
            notes.Add($"'{first.Name}' gives no gradient on the first {images} images: if it stays so, a run comes out "
                + "as the student alone.");
            return null;
        }

        return $"'{first.Name}' cannot teach: it gives student and aligner no gradient above float32's rounding, on "
            + $"the first {images} images nor on random maps {shapes}; it is constant for their shape, or does not "
            + "depend on the student. Compare other maps, take another loss, or set its weight to 0.";
    }

    private IReadOnlyList<string> Shapes { get; } =
        [.. first.Student.Select(map => $"[{string.Join(", ", map.shape)}]")];
}
