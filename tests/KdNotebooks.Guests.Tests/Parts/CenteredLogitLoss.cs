using KdNotebooks.Losses;

namespace KdNotebooks.Guests.Parts;

/// <summary>The squared difference of logits without each row's mean, which a softmax does not see.</summary>
public sealed record CenteredLogitLoss : ILogitLoss
{
    public string Name => "centered";

    public Tensor Compute(Tensor student, Tensor teacher, Tensor labels)
    {
        using var scope = torch.NewDisposeScope();
        var difference = student - teacher.detach();
        return (difference - difference.mean([1], keepdim: true)).square().mean().MoveToOuterDisposeScope();
    }
}
