using KdNotebooks.Data;
using KdNotebooks.Distillation;

namespace KdNotebooks.Benchmarks;

/// <summary>Gives the features of one batch for every batch: a step without a teacher's cost.</summary>
internal sealed class FixedTeacher : ITeacher
{
    private readonly IReadOnlyDictionary<string, Tensor> features;

    public FixedTeacher(LiveTeacher live, Dataset data)
    {
        using var scope = torch.NewDisposeScope();
        var batch = BatchLoader.InOrder(data.Train, Setup.BatchSize).First().On(data.Mean, data.Std, torch.CPU);
        features = live.Features(batch).ToDictionary(entry => entry.Key, entry => entry.Value.DetachFromDisposeScope());
        (Paths, Maps) = (live.Paths, live.Maps);
    }

    public IReadOnlyList<string> Paths { get; }

    public TeacherMaps Maps { get; }

    public IReadOnlyDictionary<string, Tensor> Features(Batch batch) => features;

    public void Dispose() => features.Values.ToList().ForEach(tensor => tensor.Dispose());
}
