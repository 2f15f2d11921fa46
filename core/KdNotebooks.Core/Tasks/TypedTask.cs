using KdNotebooks.Data;
using KdNotebooks.Losses;
using KdNotebooks.Models;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tasks;

/// <summary>
/// What tasks have in common. It makes the only casts: from what everyone else hands about to what the task knows.
/// </summary>
/// <typeparam name="TTargets">Of a batch.</typeparam>
/// <typeparam name="TOutputs">Of a network.</typeparam>
/// <typeparam name="TPrediction">Of one image.</typeparam>
public abstract class TypedTask<TTargets, TOutputs, TPrediction>(ITaskSpec spec, Dataset data, IAugmentation augmentation)
    : ITask
    where TTargets : ITargets
    where TOutputs : IOutputs
    where TPrediction : IPrediction
{
    public ITaskSpec Spec => spec;

    public Dataset Data => data;

    public IAugmentation Augmentation { get; } = Sound(augmentation);

    /// <summary>
    /// The augmentation's size where it has one, else the first image's, padded to <see cref="Stride"/>.
    /// </summary>
    public virtual IReadOnlyList<long> Image
    {
        get
        {
            if (field is null)
            {
                var size = (Augmentation.SizeOf(data.Train.SizeOf(0)) ?? data.Train.SizeOf(0)).PaddedTo(Stride);
                field = [data.Train.Channels, size.Height, size.Width];
            }

            return field;
        }
    }

    public virtual int Stride => 1;

    public virtual int Outputs => data.ClassNames.Count;

    public abstract double Chance { get; }

    public virtual double Perfect => 100;

    public abstract string ClassMeasure { get; }

    /// <summary>The default is 250 images, and of large ones as many as 250 of 256x256 have pixels.</summary>
    public virtual EvaluationLimits Limits => new(250, 1 << 24);

    public abstract IPictures Pictures { get; }

    public Batch Blank(int images)
    {
        var size = new ImageSize((int)Image[1], (int)Image[2]);
        return new Batch(
            torch.zeros([images, .. Image]), [.. Enumerable.Repeat(size, images)], BlankTargets(images),
            new SampleKeys(new int[images], 0));
    }

    public abstract IMeter NewMeter();

    public virtual void RequireTrainable(int batchSize)
    {
    }

    public virtual IReadOnlyList<string> Remarks() => [];

    public abstract DataSummary Summarize(CancellationToken cancellation = default);

    public virtual IOutputs Infer(INetwork network, Batch batch) => network.Forward(batch);

    IReadOnlyList<LossTerm> ITask.Loss(IOutputs outputs, ITargets targets) => Loss(Known(outputs), Known(targets));

    LogitRows? ITask.Rows(IOutputs outputs, Tensor teacher, ITargets targets) => targets is NoTargets
        ? UnlabeledRows(Known(outputs), teacher)
        : Rows(Known(outputs), teacher, Known(targets));

    IReadOnlyList<IPrediction> ITask.Predict(IOutputs outputs, Batch batch) =>
        [.. Predict(Known(outputs), batch).Select(prediction => (IPrediction)prediction)];

    /// <inheritdoc cref="ITask.Loss"/>
    public abstract IReadOnlyList<LossTerm> Loss(TOutputs outputs, TTargets targets);

    /// <inheritdoc cref="ITask.Rows"/>
    public virtual LogitRows? Rows(TOutputs outputs, Tensor teacher, TTargets targets) => null;

    /// <summary>The logits of all rows, for images without labels; null (the default) where the task has none then.</summary>
    protected virtual LogitRows? UnlabeledRows(TOutputs outputs, Tensor teacher) => null;

    /// <inheritdoc cref="ITask.Predict"/>
    public abstract IReadOnlyList<TPrediction> Predict(TOutputs outputs, Batch batch);

    /// <summary>Targets of the right shape, with nothing in them.</summary>
    protected abstract TTargets BlankTargets(int images);

    /// <summary>The outputs as this task reads them.</summary>
    /// <exception cref="KdException">The network gives something else.</exception>
    public TOutputs Known(IOutputs outputs) => outputs is TOutputs known ? known : throw new KdException(
        $"{GetType().Name}: the network gives {outputs.GetType().Name}; expected {typeof(TOutputs).Name}. Choose a model "
        + "that is made for this task.");

    /// <summary>The targets as this task reads them.</summary>
    /// <exception cref="KdException">They are another task's.</exception>
    public TTargets Known(ITargets targets) => targets is TTargets known ? known : throw new KdException(
        $"{GetType().Name}: the targets are {targets.GetType().Name}; expected {typeof(TTargets).Name}, as the dataset "
        + $"'{data.Name}' should give.");

    private static IAugmentation Sound(IAugmentation augmentation)
    {
        augmentation.RequireSound();
        return augmentation;
    }
}
