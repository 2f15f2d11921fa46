using KdNotebooks.Data;
using KdNotebooks.Distillation;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Native;
using KdNotebooks.Runtime;
using KdNotebooks.Tasks;
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Training;

/// <summary>How one student is trained; what it shares with its cohort is the cohort's.</summary>
/// <param name="Name">In progress and error messages.</param>
/// <param name="ClipNorm">Largest L2 norm of a step's gradient; null does not clip.</param>
/// <param name="TaskWeight">Of the task loss. The default value is 1.</param>
/// <param name="Rules">Parts that learn otherwise. The default value null means none.</param>
/// <param name="Stop">When it ends before its last epoch. The default value null means never.</param>
public sealed record StudentTrainerOptions(
    string Name, IOptimizer Optimizer, ISchedule Schedule, double? ClipNorm = null, double TaskWeight = 1,
    ParameterRules? Rules = null, EarlyStopping? Stop = null);

/// <summary>
/// One student in a cohort: its weights, its aligners, its optimizer and its random state are its own.
/// </summary>
public sealed class StudentTrainer : IDisposable
{
    private const string TotalTerm = "total";

    private readonly ITask task;
    private readonly StudentTrainerOptions options;
    private readonly ITrainingLog log;
    private readonly List<Parameter> parameters;
    private readonly List<(torch.optim.Optimizer Optimizer, double Factor)> optimizers;
    private readonly IReadOnlyList<Module> still;
    private readonly Dictionary<string, double> sums = [];
    private readonly List<(string Term, double Value)> latest = [];
    private readonly AveragedStudent? average;
    private readonly PatienceCount? patience;
    private Tensor randomState;
    private int batchesInEpoch;
    private double learningRate, lastTotal;
    private Score? validation;

    /// <param name="distiller">
    /// Its student and aligners are trained, and moved to the device and to channels-last.
    /// </param>
    /// <param name="task">What it is trained for.</param>
    /// <param name="options">How to train it.</param>
    /// <param name="log">Where it writes down how it goes.</param>
    /// <param name="device">Where it is trained.</param>
    /// <param name="average">
    /// Follows the student's weights; moved to the device, and owned by the caller. The default value null means none.
    /// </param>
    /// <exception cref="KdException">An option is out of its range.</exception>
    public StudentTrainer(
        Distiller distiller, ITask task, StudentTrainerOptions options, ITrainingLog log, torch.Device device,
        AveragedStudent? average = null)
    {
        if (options.ClipNorm is { } norm && norm is not (> 0 and < double.PositiveInfinity))
        {
            throw new KdException(
                $"{options.Name}: the gradient is clipped to a norm of {norm}; expected a finite number greater than "
                + "0, or null not to clip.");
        }

        TermWeight.Require(options.Name, "the task's weight", options.TaskWeight);

        (Distiller, this.task, this.options, this.log, this.average) = (distiller, task, options, log, average);
        patience = options.Stop is { } rule ? new PatienceCount(rule) : null;
        distiller.To(device);
        average?.Begin(distiller.Student.Root, device);
        var rules = options.Rules ?? ParameterRules.None;
        still = rules.Still(distiller.Student.Root);
        foreach (var parameter in still.SelectMany(module => module.parameters()))
        {
            parameter.requires_grad = false;
        }

        parameters = [.. distiller.Parameters().Where(parameter => parameter.requires_grad)];
        if (parameters.Count == 0)
        {
            throw new KdException(
                $"{options.Name}: every parameter is frozen, so there is nothing to train; leave a part of the student free.");
        }

        // One optimizer a learning rate: each kind then needs to know of one rate only.
        optimizers = [.. rules.Factors(distiller.Student.Root, parameters).GroupBy(entry => entry.Factor)
            .Select(group => (options.Optimizer.Build([.. group.Select(entry => entry.Parameter)]), group.Key))];
        randomState = TorchGenerator.State();
    }

    public string Name => options.Name;

    public Distiller Distiller { get; }

    /// <summary>Where it ended before its last epoch; null while it goes on.</summary>
    public EarlyStop? Stopped { get; private set; }

    /// <summary>What is measured after an epoch: the student, and the average of its weights where one is kept.</summary>
    internal IReadOnlyList<INetwork> Measured =>
        average is null ? [Distiller.Student] : [Distiller.Student, average.Network];

    /// <summary>
    /// "loss 0.613 (task 0.402, layer3 mlp-1 l2 0.211), validation 81.90 %": of the last step, and of the last epoch.
    /// </summary>
    public string Standing
    {
        get
        {
            var terms = latest.Count > 1
                ? $" ({string.Join(", ", latest.Select(term => $"{term.Term} {term.Value:F3}"))})"
                : "";
            return $"loss {lastTotal:F3}{terms}"
                + (validation is { } score ? $", validation {Text(score.Headline)}" : "")
                + (Stopped is { } stop ? $", stopped early: best at epoch {stop.BestEpoch}" : "");
        }
    }

    /// <exception cref="KdException">Its schedule does not fit a run of so many steps.</exception>
    internal void RequireSchedule(int steps, int stepsPerEpoch)
    {
        try
        {
            Schedules.RequireFit(options.Schedule, steps, stepsPerEpoch);
        }
        catch (KdException error)
        {
            throw new KdException($"{Name}: {error.Message}", error);
        }
    }

    /// <summary>One step on a batch. No tensor outlives it but the weights.</summary>
    /// <param name="at">Where in the run it stands.</param>
    /// <returns>The total loss before the step.</returns>
    /// <exception cref="DivergedException">
    /// A loss term or the gradient is not finite; the weights are as before the step. (A batch normalization's running
    /// statistics are not: they have seen the batch. What can be used again is the last checkpoint.)
    /// </exception>
    /// <remarks>
    /// The gradient's norm is asked for even where nothing is clipped. A finite loss can have a gradient that is not
    /// (0 times infinity), which would spoil the weights and be noticed one step late; the norm costs one look at each
    /// parameter, little beside the forward and backward passes.
    /// </remarks>
    public double Step(Batch batch, IReadOnlyDictionary<string, Tensor> teacher, Position at) =>
        Step(batch, teacher, at, new Part(0, 1));

    /// <summary>
    /// One batch of a step that has several: their gradients are added up, each at its share, and the weights follow with
    /// the last. Without batch normalization, which sees each batch by itself, it is the step of one large batch.
    /// </summary>
    /// <param name="part">Which of the step's batches it is.</param>
    /// <returns>The batch's total loss before the step.</returns>
    /// <inheritdoc cref="Step(Batch, IReadOnlyDictionary{string, Tensor}, Position)"/>
    public double Step(Batch batch, IReadOnlyDictionary<string, Tensor> teacher, Position at, Part part) =>
        TorchGenerator.From(ref randomState, () => Learn(batch, teacher, at, part));

    /// <summary>Writes down the epoch's mean losses with the validation score, and begins the next.</summary>
    /// <param name="validation">The student's.</param>
    /// <param name="averaged">That of the average of its weights; null where none is kept.</param>
    public void EndEpoch(Position at, Score validation, Score? averaged = null)
    {
        this.validation = validation;
        var means = sums.ToDictionary(sum => sum.Key, sum => sum.Value / batchesInEpoch);
        var record = new EpochRecord(at.Epoch, at.Step + 1, learningRate, means, validation) { Average = averaged };
        log.EpochEnded(record, Distiller);
        if (average is not null)
        {
            log.AverageEnded(record, average.Network);
        }

        Stopped = at.Step + 1 < at.Steps ? patience?.After(at.Epoch, validation.Headline) : null;
        sums.Clear();
        batchesInEpoch = 0;
    }

    /// <summary>Passes on how long an epoch's steps took.</summary>
    internal void Time(EpochTiming timing) => log.EpochTimed(timing);

    public void Dispose()
    {
        optimizers.ForEach(entry => entry.Optimizer.Dispose());
        randomState.Dispose();
    }

    /// <summary>All of the student in training mode but what is frozen.</summary>
    internal void SetModes()
    {
        Distiller.Student.Root.train();
        foreach (var module in still)
        {
            module.eval();
        }
    }

    private double Learn(Batch batch, IReadOnlyDictionary<string, Tensor> teacher, Position at, Part part)
    {
        using var scope = torch.NewDisposeScope();
        SetModes();
        if (part.Number == 0)
        {
            optimizers.ForEach(entry => entry.Optimizer.zero_grad());
        }

        var (outputs, distillation) = Distiller.Forward(batch, teacher, at.Epoch);
        LossTerm[] terms = [.. Learned(outputs, batch), .. distillation];
        var total = terms.Select(term => term.Value).Aggregate((sum, term) => sum + term);
        Note(terms, total, at);
        // A step of one batch is not divided: nothing of it is rounded anew.
        (part.Of == 1 ? total : total / part.Of).backward();
        if (part.Number < part.Of - 1)
        {
            return lastTotal;
        }

        // With no bound the gradient is multiplied by exactly 1.
        var norm = nn.utils.clip_grad_norm_(parameters, options.ClipNorm ?? double.PositiveInfinity);
        if (!double.IsFinite(norm))
        {
            throw new DivergedException(
                Name, at.Epoch, at.Step + 1, DivergedException.Gradient, norm, log.LastCheckpoint);
        }

        SetLearningRate(options.Optimizer.LearningRate * options.Schedule.Factor(at.Step, at.Steps, at.StepsPerEpoch));
        optimizers.ForEach(entry => entry.Optimizer.step());
        average?.Follow();
        return lastTotal;
    }

    // At a weight of 0 the targets are not looked at: there may be none.
    private IEnumerable<LossTerm> Learned(IOutputs outputs, Batch batch) => options.TaskWeight == 0 ? []
        : task.Loss(outputs, batch.Targets).Select(term => term with { Value = term.Value * options.TaskWeight });

    private void Note(LossTerm[] terms, Tensor total, Position at)
    {
        latest.Clear();
        foreach (var (name, value) in terms.Append(new LossTerm(TotalTerm, total)))
        {
            var number = value.item<float>();
            if (!float.IsFinite(number))
            {
                throw new DivergedException(Name, at.Epoch, at.Step + 1, name, number, log.LastCheckpoint);
            }

            sums[name] = sums.GetValueOrDefault(name) + number;
            lastTotal = number; // the total comes last
            if (name != TotalTerm)
            {
                latest.Add((name, number));
            }
        }

        batchesInEpoch++;
    }

    private static string Text(Metric metric) =>
        $"{metric.Kind.Prefix}{metric.Value:F2}{(metric.Kind.Unit.Length > 0 ? $" {metric.Kind.Unit}" : "")}";

    private void SetLearningRate(double rate)
    {
        learningRate = rate;
        foreach (var (optimizer, factor) in optimizers)
        {
            foreach (var group in optimizer.ParamGroups)
            {
                group.LearningRate = rate * factor;
            }
        }
    }
}
