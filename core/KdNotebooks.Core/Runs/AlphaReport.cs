using System.Globalization;
using KdNotebooks.Runtime;

namespace KdNotebooks.Runs;

/// <summary>One distillation term beside the task's loss, measured on the same batches.</summary>
/// <param name="Method">The recipe's.</param>
/// <param name="Term">"layer3 mlp-1 l2", "logits kd".</param>
/// <param name="TaskLoss">Mean over the batches.</param>
/// <param name="Loss">The term's, at a weight of 1; mean over the batches.</param>
/// <param name="TaskGradient">
/// L2 norm of the task's gradient on the student's parameters that both reach; mean over the batches.
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
    /// <summary>
    /// The weight at which all terms of the recipe together pull as hard as the task does: a round number. Not a
    /// number where the term does not pull at all.
    /// </summary>
    public double Suggested => Round(TaskGradient / Gradient / Terms);

    /// <summary>
    /// The weight at which the term is as large as the task's loss: the rule of thumb of MGD's author (its issue 2).
    /// </summary>
    public double ByValue => Round(TaskLoss / Loss / Terms);

    /// <summary>Why, in a sentence.</summary>
    public string Reason => double.IsNaN(Suggested)
        ? $"{Term} does not pull on the student; it has nothing to weigh. Look at the taps and the aligner."
        : FormattableString.Invariant(
            $"at a weight of 1 {Term} pulls on the student with {Gradient / TaskGradient:G2} of the task's gradient")
            + $"{(Terms > 1 ? $", and {Terms} terms share the pull" : "")}; a weight near "
            + $"{Text(Suggested)} makes them equal.";

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
        + "beside it. Losses and gradients are at a weight of 1; gradients are L2 norms on the student's parameters "
        + "that both losses reach. The suggestion makes the two gradients equal, rounded to 1, 2 or 5: the middle of "
        + "a search, not its end.";

    /// <summary>Columns of plain text.</summary>
    public override string ToString()
    {
        string[] heads = ["method", "term", "task loss", "loss", "task gradient", "gradient", "cosine", "alpha"];
        var rows = Terms.Select(term => (string[])
        [
            term.Method, term.Term, Number(term.TaskLoss), Number(term.Loss), Number(term.TaskGradient),
            Number(term.Gradient), Number(term.Cosine), AlphaTerm.Text(term.Suggested),
        ]).Prepend(heads).ToList();
        return string.Join(Environment.NewLine, TextColumns.Align(rows, column => column >= 2).Append(Note));
    }

    /// <summary>Three digits.</summary>
    public static string Number(double value) => value.ToString("G3", CultureInfo.InvariantCulture);
}
