module KdNotebooks.FSharp.Tests.NamedTests

open KdNotebooks.Aligners
open KdNotebooks.FSharp
open KdNotebooks.Methods
open TorchSharp
open Xunit

let private recipe =
    distill {
        data (FashionMnist.mini |> FashionMnist.take 64 50 50)
        teacher (Pretrained.model "fashion-teacher")
        student (Resnet.small 8)
        connect "layer2" "layer2" (channelMlp 2)
        connect "layer3" "layer3" (channelMlp 2)
    }

[<Fact>]
let ``Every method of the core is a variant by its name`` () =
    for name in NamedMethods.Names do
        let held = ((Named.methodAt name 2.0).Change recipe)
        let expected = (NamedMethods.Find name).At(recipe.Guidance, 2.0)
        Assert.Equal(recipe.HeldBy expected, held)

    Assert.Equal(noDistillation.Change recipe, (Named.methodAt "none" 1.0).Change recipe)
    Assert.Equal("mlp-1", (Named.methodAt "paper" 1.0).Name)

[<Fact>]
let ``The student alone has the task at its full weight, whatever the recipe gives it beside its teacher`` () =
    let usual = ((Method.kd 0.9).Change recipe).With(taskWeight = 0.1)

    for variant in
        [
            noDistillation
            Named.methodAt "none" 1.0
            Named.aligner "none"
            Method.named "none" 3.0
        ] do
        let alone = variant.Change usual
        Assert.Equal(1.0, alone.TaskWeight)
        Assert.Null alone.Teacher
        Assert.False alone.Distils

    Assert.Equal(0.1, ((Named.methodAt "at" 50.0).Change(recipe.With(taskWeight = 0.1))).TaskWeight)

[<Fact>]
let ``A weight that is none is refused where it is written`` () =
    Samples.fails "alpha is -0.5; expected a number from 0 (off) to 1e7" (fun () -> (Method.at -0.5).Change recipe)
    Samples.fails "weight is -0.2" (fun () -> (Method.kd -0.2).Change recipe)
    Samples.fails "the task's weight is NaN" (fun () -> recipe.With(taskWeight = nan))
    Samples.fails "alpha is 1E+09" (fun () -> (weight 1e9).Change recipe)

[<Fact>]
let ``Every aligner has a word, and the perceptron one for each depth`` () =
    for word in Named.aligners () do
        Assert.NotEmpty (Named.aligner word).Name

    let aligner word =
        ((Named.aligner word).Change recipe).Connections[0].Aligner

    Assert.Equal<IAligner>(channelMlp 3, aligner "mlp3")
    Assert.Equal<IAligner>(channelMlp 3, aligner "mlp-3")
    Assert.Equal<IAligner>(channelMlp 1, aligner "mlp")
    Assert.Equal<IAligner>(convReg, aligner "conv-reg")
    Samples.fails "'linaer' is no aligner; the nearest is 'linear'." (fun () -> Named.aligner "linaer")

[<Fact>]
let ``A reader's aligner has its own word, and none of ours is taken by it`` () =
    let mine =
        Own.aligner "named-mine" (fun ours theirs -> torch.nn.Conv2d(ours, theirs, 1L))

    Own.aligner "linear" (fun ours theirs -> torch.nn.Conv2d(ours, theirs, 3L, padding = 1L))
    |> ignore

    let variant = Named.aligner "named-mine"
    Assert.Equal("named-mine", variant.Name)
    Assert.Same(mine, (variant.Change recipe).Connections[1].Aligner)
    Assert.Contains("named-mine", Named.aligners ())

    Assert.IsType<Linear>(((Named.aligner "linear").Change recipe).Connections[0].Aligner)
    |> ignore

    Samples.fails "'named-mime' is no aligner; the nearest is 'named-mine'." (fun () -> Named.aligner "named-mime")

[<Fact>]
let ``Recipes come for each variant and seed`` () =
    let recipes = Named.recipes recipe [ noDistillation; linear ] [ 1; 2 ]

    Assert.Equal<(string * int) seq>(
        [ "none", 1; "none", 2; "linear", 1; "linear", 2 ],
        recipes |> Seq.map (fun r -> r.Method, r.Seed)
    )
