using KdNotebooks.Weights;

namespace KdNotebooks.Extensions.Tests.Cli;

public sealed class WeightsCommandTests : CommandLineTest
{
    private static readonly string Golden = Path.Combine(AppContext.BaseDirectory, "Cli", "golden");

    [Fact]
    public void Show_lists_names_types_shapes_and_what_was_not_built()
    {
        Assert.Equal(0, Run("weights", "show", Path.Combine(Golden, "checkpoint_namespace.pth")));
        Assert.Contains("PyTorch, zip, entry 'model'; 8 tensors, 150 numbers", Output);
        Assert.Contains("conv1.weight             F32   [4, 3, 3, 3]", Output);
        Assert.Contains("bn1.num_batches_tracked  I64   []", Output);
        Assert.Contains("argparse.Namespace (1x)", Output);
        Assert.Contains("beside them: ", Output);
    }

    [Fact]
    public void Show_reads_safetensors_and_hides_what_would_move_a_terminal()
    {
        using var scope = torch.NewDisposeScope();
        SafeTensors.Write(At("x.safetensors"), new Dictionary<string, Tensor> { ["a\u001b[2Jb"] = torch.zeros(2, 3) });
        Assert.Equal(0, Run("weights", "show", At("x.safetensors")));
        Assert.Contains("a\\u001b[2Jb", Output);
        Assert.DoesNotContain('\u001b', Output);
    }

    [Fact]
    public void What_cannot_be_read_ends_with_an_error_in_one_line()
    {
        File.WriteAllText(At("x.pth"), "<!DOCTYPE html>");
        Assert.Equal(2, Run("weights", "show", At("x.pth")));
        Assert.Contains("is a web page, not the file that it offers; expected a safetensors file", Error);
        Assert.Single(Error.TrimEnd().Split('\n'));
        Assert.Equal(2, Run("weights", "show", Path.Combine(Golden, "checkpoint_namespace.pth"), "--entry", "ema"));
        Assert.Contains("has no weights under 'ema'; it has 'model' (8 tensors)", Error);
    }
}
