using System.Globalization;
using KdNotebooks.Runtime;

namespace KdNotebooks.Runs;

/// <summary>One distillation term beside the task's loss, measured on the same batches.</summary>
/// <param name="Method">The recipe's.</param>
/// <param name="Term">"layer3 mlp-1 l2", "logits kd".</param>
/// <param name="TaskLoss">At the recipe's task weight; mean over the batches.</param>
/// <param name="Loss">The term's, at a weight of 1; mean over the batches.</param>
/// <param name="TaskGradient">
/// L2 norm of the task's gradient on the student's parameters that both reach, at the recipe's task weight; mean over
/// the batches.
/// </param>
/// <param name="Gradient">The term's on the same parameters, at a weight of 1.</param>
/// <param name="Cosine">
/// Between the two gradients: 1 pull the same way, 0 across, -1 against each other; mean over the batches.
/// </param>
/// <param name="Terms">How many terms the recipe has: they share the pull.</param>
public sealed record AlphaTerm(
    string Method, string Term, double TaskLoss, double Loss, double TaskGradient, double Gradient, double Cosine,
    int Terms)
{
    // The rounding of single precision: what is less of the task's gradient is lost in a sum with it, and a weight that
    // brought it back would weigh what was rounded off.
    private const double Floor = 1.0 / (1 << 23);

    /// <summary>Why it cannot teach, as a first look at it said; null where it can.</summary>
    public string? Refusal { get; init; }

    /// <summary>
    /// The weight at which all terms of the recipe together pull as hard as the task does: a round number. Not a
    /// number where the term cannot teach, where its gradient is less than float32's rounding (1.2e-7) of the task's,
    /// and where one of the two is 0 or not finite.
    /// </summary>
    public double Suggested => Pulls ? Round(TaskGradient / Gradient / Terms) : double.NaN;

    internal bool Pulls => Refusal is null && AreFinite && TaskGradient > 0 && Gradient >= Floor * TaskGradient;

    /// <summary>
    /// The weight at which the term is as large as the task's loss: the rule of thumb of MGD's author (its issue 2).
    /// Not a number where <see cref="Suggested"/> is none.
    /// </summary>
    public double ByValue => Pulls ? Round(TaskLoss / Loss / Terms) : double.NaN;

    /// <summary>Why, in a sentence.</summary>
    public string Reason => !Pulls ? Weightless : FormattableString.Invariant(
            $"at a weight of 1 {Term} pulls on the student with {Gradient / TaskGradient:G2} of the task's gradient")
            + $"{(Terms > 1 ? $", and {Terms} terms share the pull" : "")}; a weight near "
            + $"{Text(Suggested)} makes them equal.";

    private bool AreFinite => double.IsFinite(TaskGradient) && double.IsFinite(Gradient);

    private string Weightless => this switch
    {
        { Refusal: { } refusal } => refusal,
        { TaskGradient: 0 } => $"the task does not pull on the student where {Term} does (is its weight 0?); there is "
            + "nothing to weigh it against.",
        { Gradient: > 0, AreFinite: true } =>
            $"{Term} pulls on the student with {AlphaReport.Number(Gradient / TaskGradient)} of the task's gradient, "
            + "less than float32 rounds off (1.2e-7); it has nothing to weigh. Scale the loss itself, or look at the "
            + "taps and the aligner.",
        { Gradient: 0 } => $"{Term} does not pull on the student; it has nothing to weigh. Look at the taps and the "
            + "aligner.",
        _ => $"the gradient of {Term} is {AlphaReport.Number(Gradient)} beside the task's of "
            + $"{AlphaReport.Number(TaskGradient)}; expected finite ones. Lower the learning rate, or look at the "
            + "loss.",
    };

    /// <summary>"5", "0.02", "2000"; "n/a" for not a number.</summary>
    public static string Text(double weight) =>
        double.IsFinite(weight) ? weight.ToString("0.##########", CultureInfo.InvariantCulture) : "n/a";

    // 1, 2 or 5 times a power of ten: the next one in ratio. More digits would say more than is known.
    private static double Round(double weight)
    {
        if (!double.IsFinite(weight) || weight <= 0)
        {
            return double.NaN;
        }

        var power = Math.Pow(10, Math.Floor(Math.Log10(weight)));
        var digit = new[] { 1.0, 2, 5, 10 }.MinBy(round => Math.Abs(Math.Log(weight / power / round)));
        return double.Parse((digit * power).ToString("G1", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }
}

/// <summary>
/// How strongly each distillation term pulls on the student beside the task, and the weight at which they pull alike:
/// where a search for alpha should start.
/// </summary>
/// <param name="Terms">In the order of the recipes, and of a recipe's connections.</param>
/// <param name="Steps">Training steps that each student had had when it was measured.</param>
/// <param name="Batches">How many batches were measured.</param>
public sealed record AlphaReport(IReadOnlyList<AlphaTerm> Terms, int Steps, int Batches)
{
    /// <summary>What the measured students had learned, and from what the suggestion comes.</summary>
    public string Note =>
        $"Measured on {Batches} batches of training images after {Steps} steps of the task alone, the aligners trained "
        + "beside it. Losses and gradients are at a weight of 1, the task's at the recipe's; gradients are L2 norms on "
        + "the student's parameters that both losses reach. The suggestion makes the two gradients equal, rounded to "
        + "1, 2 or 5: the middle of a search, not its end.";

    /// <summary>Columns of plain text, and why a term has no weight.</summary>
    public override string ToString()
    {
        string[] heads = ["method", "term", "task loss", "loss", "task gradient", "gradient", "cosine", "alpha"];
        var rows = Terms.Select(term => (string[])
        [
            term.Method, term.Term, Number(term.TaskLoss), Number(term.Loss), Number(term.TaskGradient),
            Number(term.Gradient), Number(term.Cosine), AlphaTerm.Text(term.Suggested),
        ]).Prepend(heads).ToList();
        var refused = Terms.Where(term => double.IsNaN(term.Suggested)).Select(term => $"{term.Method}: {term.Reason}");
        return string.Join(
            Environment.NewLine, [.. TextColumns.Align(rows, column => column >= 2), .. refused, Note]);
    }

    /// <summary>Three digits.</summary>
    public static string Number(double value) => value.ToString("G3", CultureInfo.InvariantCulture);
}
