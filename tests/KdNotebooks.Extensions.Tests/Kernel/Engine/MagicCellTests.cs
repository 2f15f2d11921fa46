using KdNotebooks.Interactive;
using KdNotebooks.Kernel.Engine;

namespace KdNotebooks.Extensions.Tests.Kernel.Engine;

[Collection(EngineCollection.Name)]
public sealed class MagicCellTests(EngineFixture fixture)
{
    private const string Recipe = """
        open KdNotebooks.FSharp
        let tiny =
            distill {
                data (FashionMnist.take 128 50 50 FashionMnist.mini)
                teacher (Pretrained.model "fashion-teacher")
                student (Resnet.small 4)
                connect "layer3" "layer3" (channelMlp 1)
                batchSize 64
                epochs 1
            }
        """;

    private CellResult Evaluate(string code) =>
        fixture.Engine.Evaluate(code, cancellation: TestContext.Current.CancellationToken);

    private static string Texts(CellResult result) => string.Join('\n', result.Outputs.Select(output => output switch
    {
        DisplayOutput shown => shown.Bundle.Data[MimeBundle.Text],
        StreamOutput stream => stream.Text,
        _ => "",
    }));

    [Fact]
    public void A_magic_takes_a_value_of_FSharp_and_gives_its_own_back()
    {
        var result = Evaluate($"{Recipe}\n#!kd-distill --recipe @tiny --as trained\ntrained.Runs.Count + 40");
        Assert.Null(result.Error);
        Assert.Contains("128/128 images", Texts(result));
        Assert.Equal("41", Texts(result).Split('\n')[^1]);
    }

    [Fact]
    public void A_wrong_magic_fails_its_cell_with_the_nearest_name()
    {
        var result = Evaluate("let before = 1\n#!kd-tap\nlet after = 2");
        Assert.Contains("the nearest is #!kd-taps", result.Error!.Message);
        Assert.Equal("KdException", result.Error.Name);
        Assert.NotNull(Evaluate("after").Error);
        Assert.Null(Evaluate("before").Error);
    }

    [Fact]
    public void Time_tells_how_long_the_rest_of_the_cell_took()
    {
        var result = Evaluate("#!time\nSystem.Threading.Thread.Sleep 300\n3");
        Assert.Matches(@"^3\nWall time: (0\.[3-9]|[1-9][0-9]*\.[0-9]) s$", Texts(result));
        Assert.DoesNotContain("Wall time", Texts(Evaluate("4")));
    }

    [Fact]
    public void The_words_that_choose_a_language_elsewhere_choose_this_one() =>
        Assert.Equal("5", Texts(Evaluate("#!fsharp\n2 + 3")));
}
