namespace KdNotebooks.Tests.Runs;

/// <summary>
/// Torch's random state belongs to the whole process: a test that compares weights bit for bit runs while no other
/// draws.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TorchState
{
    public const string Name = "torch's random state";
}
