namespace KdNotebooks.Tests;

/// <summary>
/// Torch's random state belongs to the whole process: a test that seeds it, or compares weights bit for bit, runs while no
/// other draws. <see cref="TorchStateTests"/> reads the tests' source for it.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TorchState
{
    public const string Name = "torch's random state";
}
