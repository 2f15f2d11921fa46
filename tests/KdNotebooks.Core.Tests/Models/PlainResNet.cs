using static TorchSharp.torch.nn;

namespace KdNotebooks.Tests.Models;

/// <summary>
/// The residual network written a second time, from torchvision's names and functional calls alone: nothing in place,
/// nothing folded, no module.
/// </summary>
internal sealed class PlainResNet
{
    private readonly Dictionary<string, Tensor> state;
    private readonly bool training;

    /// <param name="model">Its state is copied; the copy's parameters take gradients of their own.</param>
    public PlainResNet(Module model, bool training)
    {
        this.training = training;
        var parameters = model.named_parameters().Select(entry => entry.name).ToHashSet();
        state = model.state_dict().ToDictionary(
            entry => entry.Key,
            entry => entry.Value.detach().clone().requires_grad_(parameters.Contains(entry.Key)));
    }

    public Tensor this[string name] => state[name];

    public Tensor Forward(Tensor images)
    {
        var x = functional.relu(ConvNorm("conv1", "bn1", images, 1, 1));
        for (var stage = 1; stage <= 3; stage++)
        {
            for (var block = 0; state.ContainsKey($"layer{stage}.{block}.conv1.weight"); block++)
            {
                x = Block($"layer{stage}.{block}.", x, stage > 1 && block == 0 ? 2 : 1);
            }
        }

        return functional.linear(x.mean([2, 3]), state["fc.weight"], state["fc.bias"]);
    }

    public Tensor Block(string path, Tensor input, long stride)
    {
        var x = functional.relu(ConvNorm($"{path}conv1", $"{path}bn1", input, stride, 1));
        x = ConvNorm($"{path}conv2", $"{path}bn2", x, 1, 1);
        var shortcut = state.ContainsKey($"{path}downsample.0.weight")
            ? ConvNorm($"{path}downsample.0", $"{path}downsample.1", input, stride, 0)
            : input;
        return functional.relu(x + shortcut);
    }

    private Tensor ConvNorm(string conv, string norm, Tensor x, long stride, long padding) => functional.batch_norm(
        functional.conv2d(x, state[$"{conv}.weight"], null, [stride, stride], [padding, padding]),
        state[$"{norm}.running_mean"], state[$"{norm}.running_var"], state[$"{norm}.weight"], state[$"{norm}.bias"],
        training);
}
