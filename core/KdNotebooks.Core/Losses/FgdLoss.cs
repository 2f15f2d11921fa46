using KdNotebooks.Aligners;
using KdNotebooks.Data;
using KdNotebooks.Invariants;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Losses;

/// <summary>
/// Focal and global distillation, for maps of images with things in boxes: squared differences weighed by the teacher's
/// attention, within the boxes and outside of them apart; the attentions themselves; and how all positions relate, through
/// a learned context on each side. Yang et al. 2022 (arXiv:2111.11837), as their code (yzd-v/FGD) computes it.
/// </summary>
/// <remarks>
/// <para>
/// A position within a box weighs 1 over the positions that the box touches, the largest where boxes overlap; the others
/// together weigh 1. Attention is a softmax over positions of mean_c |F| / T times their number, and over channels of
/// mean_hw |F| / T times theirs. Sums are over everything, divided by the images. The contexts start by adding nothing.
/// </para>
/// <para>
/// Where targets are no boxes all is background. Positions of padding are none of the image's: they get no attention and
/// no weight. The 1x1 convolution where channels differ is the aligner's business.
/// </para>
/// </remarks>
/// <param name="Foreground">The paper's alpha, at least 0. The default value is 1e-3, that of RetinaNet.</param>
/// <param name="Background">The paper's beta, at least 0. The default value is 5e-4.</param>
/// <param name="Attention">The paper's gamma, at least 0. The default value is 5e-4.</param>
/// <param name="Relation">The paper's lambda, at least 0. The default value is 5e-6; 0 leaves the contexts out.</param>
/// <param name="Temperature">T of the attentions; dimensionless, greater than 0. The default value is 0.5.</param>
[About("α Σ M_f A_t (F_s − F_t)² + β Σ M_b A_t (F_s − F_t)² + γ Σ |A_s − A_t| + λ Σ (R(F_s) − R(F_t))², over N",
    "Yang et al. 2022, arXiv:2111.11837",
    Claim.Distance | Claim.Pinned | Claim.BatchRepeated | Claim.FirstWeights,
    Weight = "1, α 1e-3, β 5e-4, γ 5e-4, λ 5e-6 (RetinaNet); 1, α 5e-5, β 2.5e-5, γ 5e-5, λ 5e-7 (two stages)")]
public sealed record FgdLoss(
    double Foreground = 1e-3, double Background = 5e-4, double Attention = 5e-4, double Relation = 5e-6,
    double Temperature = 0.5) : IBuiltLoss, ITargetLoss
{
    public string Name => "fgd";

    public Idle? IdleFor(FeatureShape student, FeatureShape teacher, int images)
    {
        if (Foreground == 0 && Background == 0 && Attention == 0 && Relation == 0)
        {
            return new Idle("FgdLoss's four weights are 0. Set one of them above 0.");
        }

        var one = (student.Height * student.Width == 1, student.Channels == 1) switch
        {
            (true, true) => "one position and one channel",
            (true, false) => "one position",
            (false, true) => "one channel",
            _ => null,
        };
        return one is null || Attention == 0 ? null : new Idle(
            $"FgdLoss compares attention over positions and over channels, and of {one} it is always the same: that part "
            + "of it does nothing. Tap a larger map, or set Attention to 0.",
            Whole: one.Contains("and", StringComparison.Ordinal) && Foreground == 0 && Background == 0 && Relation == 0);
    }

    /// <summary>All is background, and the contexts add nothing.</summary>
    // student, teacher: [N, C, H, W] -> scalar
    public Tensor Compute(Tensor student, Tensor teacher) =>
        Compute(student, teacher, new NoTargets((int)student.shape[0]), []);

    /// <summary>As it starts: the contexts add nothing.</summary>
    /// <inheritdoc/>
    public Tensor Compute(Tensor student, Tensor teacher, ITargets targets, IReadOnlyList<ImageSize> sizes) =>
        Compute(student, teacher, targets, sizes, null, null);

    public Module<Tensor, Tensor, Tensor> Build(FeatureShape student, FeatureShape teacher, ChannelStatistics? norm)
    {
        Require();
        return new Built(this, teacher.Channels);
    }

    private Tensor Compute(
        Tensor student, Tensor teacher, ITargets targets, IReadOnlyList<ImageSize> sizes,
        GlobalContext? ofStudent, GlobalContext? ofTeacher)
    {
        Shape.RequireSame(nameof(FgdLoss), student, teacher, "N, C, H, W");
        Require();
        using var scope = torch.NewDisposeScope();
        var places = Losses.Foreground.Of(student, targets, sizes);
        var (ours, theirs) = (Within(student, places), Within(teacher.detach(), places));
        var loss = Focal(ours, theirs, places);
        if (Relation > 0)
        {
            var (left, right) = (ofStudent?.Of(ours, places.Outside) ?? ours, ofTeacher?.Of(theirs, places.Outside) ?? theirs);
            loss += Within(left - right, places).square().sum() * Relation;
        }

        return (loss / student.shape[0]).to(student.dtype).MoveToOuterDisposeScope();
    }

    private Tensor Focal(Tensor student, Tensor teacher, Foreground places)
    {
        var (inSpace, inChannels) = Attentions(teacher, places);
        var (ourSpace, ourChannels) = Attentions(student, places);
        // Over channels first: what weighs positions is the same for all of them.
        var squares = ((student - teacher).square() * inChannels).sum(1, keepdim: true); // [N, 1, H, W]
        var weights = ((places.Things * Foreground) + (places.Rest * Background)) * inSpace;
        var attention = (ourSpace - inSpace).abs().sum() + (ourChannels - inChannels).abs().sum();
        return (squares * weights).sum() + (attention * Attention);
    }

    // [N, C, H, W] -> [N, 1, H, W], whose mean over the image's positions is 1, and [N, C, 1, 1], whose mean is 1
    private (Tensor Space, Tensor Channels) Attentions(Tensor map, Foreground places)
    {
        var (n, c, h, w) = (map.shape[0], map.shape[1], map.shape[2], map.shape[3]);
        var (size, own) = (map.abs(), places.Own.view(n, 1)); // 0 where padded
        var seen = size.mean([1], keepdim: true) / Temperature; // [N, 1, H, W]
        if (places.Outside is { } outside)
        {
            seen = seen.masked_fill(outside, double.NegativeInfinity);
        }

        var space = functional.softmax(seen.flatten(1), 1) * own;
        var channels = functional.softmax(size.sum([2, 3]) / own / Temperature, 1) * c;
        return (space.view(n, 1, h, w), channels.view(n, c, 1, 1));
    }

    // In single precision at least, and 0 outside of the images.
    private static Tensor Within(Tensor map, Foreground places)
    {
        var precise = map.to(Numerics.AtLeastSingle(map.dtype));
        return places.Outside is { } outside ? precise.masked_fill(outside, 0) : precise;
    }

    private void Require()
    {
        Option.RequireAtLeast(0, nameof(FgdLoss), "foreground", Foreground);
        Option.RequireAtLeast(0, nameof(FgdLoss), "background", Background);
        Option.RequireAtLeast(0, nameof(FgdLoss), "attention", Attention);
        Option.RequireAtLeast(0, nameof(FgdLoss), "relation", Relation);
        Option.RequirePositive(nameof(FgdLoss), "temperature", Temperature);
    }

    private sealed class Built : Module<Tensor, Tensor, Tensor>, ITargetCriterion
    {
        private readonly FgdLoss loss;
        private readonly GlobalContext? student, teacher;

        public Built(FgdLoss loss, long channels) : base(nameof(FgdLoss))
        {
            this.loss = loss;
            if (loss.Relation > 0)
            {
                var bottleneck = Math.Max(1, channels / 2);
                (student, teacher) = (new GlobalContext(channels, bottleneck), new GlobalContext(channels, bottleneck));
            }

            RegisterComponents();
        }

        public override Tensor forward(Tensor ours, Tensor theirs) =>
            Compute(ours, theirs, new NoTargets((int)ours.shape[0]), []);

        public Tensor Compute(Tensor ours, Tensor theirs, ITargets targets, IReadOnlyList<ImageSize> sizes) =>
            loss.Compute(ours, theirs, targets, sizes, student, teacher);
    }
}
