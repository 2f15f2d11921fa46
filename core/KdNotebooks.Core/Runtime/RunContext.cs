namespace KdNotebooks.Runtime;

/// <summary>
/// What long work is given beside its task: where it reports, where it leaves what it makes, when it stops. Nothing
/// here changes what comes out.
/// </summary>
/// <remarks>
/// It is passed. The one that a host has set, <see cref="Current"/>, is read at the outermost call alone, where none
/// came: it flows as an <see cref="AsyncLocal{T}"/> into tasks, threads and parallel loops, and two flows of one
/// process do not see each other's. A host that has more to give derives a record of its own, which <c>with</c> keeps.
/// </remarks>
/// <param name="Progress">Where bars are shown.</param>
/// <param name="Output">The folder for what an experiment leaves behind: "runs", results.json.</param>
/// <param name="Cancellation">Stops the work after its current step.</param>
public record RunContext(IProgressReporter Progress, string Output, CancellationToken Cancellation)
{
    private static readonly AsyncLocal<RunContext?> Flow = new();

    /// <summary>Silent, with "artifacts" below the folder in which the process began, never cancelled.</summary>
    public static RunContext Default { get; } = new(ProgressReporter.Silent, Path.GetFullPath("artifacts"), default);

    /// <summary>The one of the innermost <see cref="Use"/> of this flow, else <see cref="Default"/>.</summary>
    public static RunContext Current => Flow.Value ?? Default;

    /// <summary>
    /// Takes what is to be said before training and stops nothing, a line each. The default writes it to the standard
    /// error output, which a notebook shows below its cell.
    /// </summary>
    public Action<string> Notice { get; init; } = line => Console.Error.WriteLine(line);

    /// <summary>
    /// Whether each run writes TensorBoard's events into its folder (<c>tensorboard --logdir OUTPUT/runs</c>). The default
    /// is false.
    /// </summary>
    public bool TensorBoard { get; init; }

    /// <summary>The same with TensorBoard's events, for languages without <c>with</c>.</summary>
    public RunContext WithTensorBoard() => this with { TensorBoard = true };

    /// <summary>Where run folders go.</summary>
    public string Runs => Path.Combine(Output, "runs");

    /// <summary>Makes it the current one of this flow, until what is returned is disposed.</summary>
    public static IDisposable Use(RunContext context)
    {
        var scope = new Scope(Flow.Value);
        Flow.Value = context;
        return scope;
    }

    private sealed class Scope(RunContext? before) : IDisposable
    {
        public void Dispose() => Flow.Value = before;
    }
}
