using KdNotebooks.Interactive;
using KdNotebooks.Models;

namespace KdNotebooks.Extensions.Tests.Interactive.Formatting;

public sealed class ModuleTreeFormatterTests
{
    [Fact]
    public void A_table_of_modules_is_a_tree_with_shapes_and_multiply_adds()
    {
        using var model = new ResNet(8, 4, 1, 10);

        var bundle = Formatters.Format(ModuleTable.Of(model, 1, 28, 28));

        var html = bundle.Data[MimeBundle.Html];
        Assert.Contains(
            "conv1</span><span>Conv2d</span><span>[4, 28, 28]</span><span>36</span><span>28,224</span>", html);
        // The model itself, three stages, a block in each, and a shortcut in two of them.
        Assert.Equal(1 + 9, html.Split("<summary class=\"kd-line\">").Length);
        Assert.Equal(html.Split("<details").Length, html.Split("</details>").Length);
        Assert.Contains("multiply-adds", bundle.Data[MimeBundle.Text]);
    }

    [Fact]
    public void A_model_alone_has_no_shapes_and_says_how_to_see_them()
    {
        using var model = new ResNet(8, 4, 1, 10);

        var bundle = Formatters.Format(model);

        Assert.Contains(
            "fc</span><span>Linear</span><span></span><span>170</span><span></span>", bundle.Data[MimeBundle.Html]);
        Assert.Contains("modules model data", bundle.Data[MimeBundle.Text]);
    }

    [Fact]
    public void A_list_that_is_never_called_does_not_lose_what_is_in_it()
    {
        using var model = new Listed();

        Assert.Contains("conv</span>", Formatters.Format(ModuleTable.Of(model, 1, 8, 8)).Data[MimeBundle.Html]);
    }

    private sealed class Listed : nn.Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.ModuleDict<nn.Module<Tensor, Tensor>> parts =
            nn.ModuleDict(("conv", (nn.Module<Tensor, Tensor>)nn.Conv2d(1, 1, 1)));

        public Listed() : base(nameof(Listed)) => RegisterComponents();

        public override Tensor forward(Tensor input) => parts["conv"].call(input);
    }

    [Fact]
    public void In_text_what_is_in_a_module_stands_below_it()
    {
        using var model = new ResNet(8, 4, 1, 10);
        var lines = Formatters.Format(model).Data[MimeBundle.Text].Split('\n').Select(line => line.Trim()).ToList();
        var (stage, block, next) = (
            lines.FindIndex(line => line.StartsWith("layer1 ", StringComparison.Ordinal)),
            lines.FindIndex(line => line.StartsWith("0 BasicBlock", StringComparison.Ordinal)),
            lines.FindIndex(line => line.StartsWith("layer2 ", StringComparison.Ordinal)));
        Assert.Equal(stage + 1, block);
        Assert.True(block < next);
    }
}
