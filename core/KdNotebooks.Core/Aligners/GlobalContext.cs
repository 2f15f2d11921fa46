using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace KdNotebooks.Aligners;

/// <summary>
/// x + W₂ ReLU(LN(W₁ Σ_j a_j x_j)), a = softmax over H W of one 1x1 convolution: a weighted mean over all positions goes
/// through a bottleneck and is added to every position. Cao et al. 2019 (arXiv:1904.11492).
/// </summary>
/// <remarks>It starts as in FGD's code: a from a normal distribution with variance 2 / C, W₂ = 0.</remarks>
internal sealed class GlobalContext : Module<Tensor, Tensor>
{
    private readonly Conv2d attention;
    private readonly Sequential transform;

    public GlobalContext(long channels, long bottleneck) : base(nameof(GlobalContext))
    {
        attention = Conv2d(channels, 1, 1, bias: false); // a softmax would take a bias away
        var expand = Conv2d(bottleneck, channels, 1);
        transform = Sequential(
            ("squeeze", Conv2d(channels, bottleneck, 1)),
            ("norm", LayerNorm([bottleneck, 1, 1])),
            ("relu", ReLU()),
            ("expand", expand));
        init.kaiming_normal_(
            attention.weight!, mode: init.FanInOut.FanIn, nonlinearity: init.NonlinearityType.ReLU);
        init.zeros_(expand.weight!);
        init.zeros_(expand.bias!);
        RegisterComponents();
    }

    // [N, C, H, W] -> [N, C, H, W]
    public override Tensor forward(Tensor map) => Of(map, null);

    /// <param name="map">[N, C, H, W]</param>
    /// <param name="outside">[N, 1, H, W], true where a position is none of the image's; null where there is none.</param>
    /// <returns>[N, C, H, W]; what it gives outside says nothing.</returns>
    public Tensor Of(Tensor map, Tensor? outside)
    {
        using var scope = torch.NewDisposeScope();
        var seen = attention.call(map);
        if (outside is not null)
        {
            seen = seen.masked_fill(outside, double.NegativeInfinity);
        }

        var share = seen.flatten(2).softmax(2); // [N, 1, H W]
        var context = map.flatten(2).matmul(share.transpose(1, 2)); // [N, C, H W] [N, H W, 1] -> [N, C, 1]
        return (map + transform.call(context.unsqueeze(3))).MoveToOuterDisposeScope();
    }
}
