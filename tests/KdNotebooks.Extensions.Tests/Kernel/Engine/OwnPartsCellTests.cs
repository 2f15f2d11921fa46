using KdNotebooks.Interactive;
using KdNotebooks.Interactive.Magics;
using KdNotebooks.Kernel.Engine;
using KdNotebooks.Losses;
using KdNotebooks.Parts;

namespace KdNotebooks.Extensions.Tests.Kernel.Engine;

/// <summary>Parts that are written in cells: what their code's fingerprint holds to, and how far they get.</summary>
[Collection(EngineCollection.Name)]
public sealed class OwnPartsCellTests(EngineFixture fixture)
{
    private const string Helper = "let cellHelper (x: TorchSharp.torch.Tensor) = x.abs().mean()\n";

    private const string Loss = """
        open KdNotebooks.FSharp
        let cellPower = 1.5
        let cellWeights = [ 1.0; 2.0 ]
        let cellLoss =
            Own.loss "zz-loss" (fun student teacher ->
                let difference = student - teacher.detach()
                cellWeights
                |> List.map (fun weight -> cellHelper difference * weight * cellPower)
                |> List.reduce (fun a b -> a + b))
        """;

    private string Evaluate(string code)
    {
        var result = fixture.Engine.Evaluate(code, cancellation: TestContext.Current.CancellationToken);
        Assert.Null(result.Error?.Message);
        return string.Join(
            '\n', result.Outputs.OfType<DisplayOutput>().Select(shown => shown.Bundle.Data[MimeBundle.Text]));
    }

    private string CodeOf(string cell, string name = "zz-loss")
    {
        Evaluate(cell);
        return CodeFingerprint.Of(OwnParts.Find<IFeatureLoss>(name)!);
    }

    [Fact]
    public void The_same_cell_twice_is_the_same_code_wherever_it_stands()
    {
        Evaluate(Helper);
        var first = CodeOf(Loss);

        Assert.Equal(first, CodeOf(Loss));
        Assert.Equal(first, CodeOf("// moved down by two lines\nlet cellOther = 3\n" + Loss));
        Evaluate(Helper);
        Assert.Equal(first, CodeOf(Loss));
    }

    [Theory]
    [InlineData("cellPower = 1.5", "cellPower = 1.25")]
    [InlineData("1.0; 2.0", "1.0; 2.5")]
    [InlineData("student - teacher.detach()", "teacher.detach() - student")]
    [InlineData("a + b", "a * b")]
    public void Another_number_or_another_line_is_other_code(string from, string to)
    {
        Evaluate(Helper);
        Assert.Contains(from, Loss);

        Assert.NotEqual(CodeOf(Loss), CodeOf(Loss.Replace(from, to)));
    }

    [Fact]
    public void Another_helper_of_another_cell_is_other_code()
    {
        Evaluate(Helper);
        var before = CodeOf(Loss);
        Evaluate(Helper.Replace("abs", "square"));

        Assert.NotEqual(before, CodeOf(Loss));
    }

    [Fact]
    public void An_object_expression_and_a_class_and_a_record_are_known_by_their_code()
    {
        const string Cell = """
            open KdNotebooks.FSharp
            open KdNotebooks.Losses
            type CellSmooth(beta: float) =
                member _.Beta = beta
                interface IFeatureLoss with
                    member _.Name = $"smooth {beta}"
                    member _.Compute(student, teacher) =
                        match beta with
                        | 0.5 -> student.mean()
                        | 1.0 -> (student - teacher.detach()).abs().mean()
            type CellRecord = { Gamma: float; Levels: int list } with
                interface IFeatureLoss with
                    member me.Name = "record"
                    member me.Compute(student, teacher) = (student - teacher.detach()).abs().mean() * me.Gamma
            let cellScale = 2.0
            let cellObject =
                { new IFeatureLoss with
                    member _.Name = "zz-object"
                    member _.Compute(student, teacher) = (student - teacher.detach()).abs().mean() * cellScale }
            Own.part<IFeatureLoss> "zz-smooth" (CellSmooth 0.5) |> ignore
            Own.part<IFeatureLoss> "zz-record" { Gamma = 2.0; Levels = [ 1; 2 ] } |> ignore
            Own.part<IFeatureLoss> "zz-object" cellObject |> ignore
            """;
        var (smooth, made, written) = (CodeOf(Cell, "zz-smooth"), CodeOf(Cell, "zz-object"), CodeOf(Cell, "zz-record"));

        Assert.Equal(smooth, CodeOf("let cellNothing = 1\n" + Cell, "zz-smooth"));
        Assert.Equal(smooth, CodeOf(Cell.Replace("CellSmooth 0.5", "CellSmooth 1.0"), "zz-smooth"));
        Assert.NotEqual(smooth, CodeOf(Cell.Replace("student.mean()", "student.sum()"), "zz-smooth"));
        Assert.Equal(made, CodeOf(Cell, "zz-object"));
        Assert.NotEqual(made, CodeOf(Cell.Replace("cellScale = 2.0", "cellScale = 3.0"), "zz-object"));
        Assert.Equal(written, CodeOf(Cell.Replace("Gamma = 2.0", "Gamma = 3.0"), "zz-record"));
        Assert.Equal("(true, true)", Evaluate("""
            let roundTrips name =
                let part = KdNotebooks.Parts.OwnParts.Find<IFeatureLoss> name
                let recipe =
                    KdNotebooks.Recipes.Recipe(
                        Method = "m", Data = KdNotebooks.Data.DataSpec "d", Student = KdNotebooks.Models.ResNetSpec(),
                        Connections = [| KdNotebooks.Distillation.Connection("a", "b", linearAligner, part, 1.0) |])
                let text = KdNotebooks.Recipes.RecipeJson.Write recipe
                let back = KdNotebooks.Recipes.RecipeJson.Read text
                text.Contains "options" && KdNotebooks.Recipes.RecipeJson.Write back = text
            roundTrips "zz-smooth", roundTrips "zz-record"
            """));
    }

    [Fact]
    public void A_registered_loss_is_checked_and_completed_by_its_name()
    {
        Evaluate("""
            open KdNotebooks.FSharp
            Own.loss "zz-checked" (fun student teacher -> (student - teacher.detach()).abs().mean()) |> ignore
            """);

        Assert.Contains("zz-checked: ", Evaluate("#!kd-check zz-checked --claims NonNegative --cases 3"));
        Assert.Contains("zz-checked", Magics("#!kd-check zz-ch"));
    }

    [Fact]
    public void A_registered_aligner_is_a_word_of_an_ablation()
    {
        Evaluate("""
            open KdNotebooks.FSharp
            open TorchSharp
            let zzWide =
                Own.aligner "zz-wide" (fun ours theirs -> torch.nn.Conv2d(ours, theirs, 3L, padding = 1L))
            """);

        Assert.Contains("zz-wide", Magics("#!kd-ablate --aligner none,zz-w"));
    }

    [Fact]
    public void A_loss_of_a_cell_is_trained() => Assert.EndsWith("[\"own\"; \"mapLoss\"]", Evaluate("""
        open KdNotebooks.FSharp
        open KdNotebooks.Properties
        open TorchSharp
        let cellModel =
            Own.model "zz-model" (fun channels classes ->
                torch.nn.Sequential(
                    torch.nn.Conv2d(int64 channels, 8L, 3L, stride = 4L),
                    torch.nn.ReLU(),
                    torch.nn.AdaptiveAvgPool2d(1L),
                    torch.nn.Flatten(),
                    torch.nn.Linear(8L, int64 classes)
                ))
        let cellAligner = Own.aligner "zz-aligner" (fun ours theirs -> torch.nn.Conv2d(ours, theirs, 1L))
        let cellBase =
            distill {
                data (FashionMnist.mini |> FashionMnist.take 64 50 50)
                teacher (Pretrained.model "fashion-teacher")
                student cellModel
                connect "0" "layer3" cellAligner
                spatial SpatialPolicy.Resize
                batchSize 32
                epochs 1
            }
        let cellWith name loss =
            cellBase.With(``method`` = name, connections = [| cellBase.Connections[0].With(loss = loss) |])
        let cellMean (student: torch.Tensor) (teacher: torch.Tensor) = (student - teacher.detach()).abs().mean()
        let cellFolder = System.IO.Directory.CreateTempSubdirectory("kd-test-").FullName
        let cellRuns =
            KdNotebooks.Runs.Experiment.Run(
                [| cellWith "own" (Own.loss "zz-trained" cellMean)
                   cellWith "mapLoss" (mapLoss "zz-map" (Loss.scoped cellMean)) |],
                KdNotebooks.Runtime.RunContext(
                    KdNotebooks.Runtime.ProgressReporter.Silent, cellFolder, System.Threading.CancellationToken.None))
        System.IO.Directory.Delete(cellFolder, true)
        [ for run in cellRuns.Runs -> run.Recipe.Method ]
        """));

    private static string Magics(string line) => string.Join(
        ' ', MagicCompletion.Of(line, new NoMagicValues())!.Value.Words);
}
