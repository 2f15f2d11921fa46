/// Cells that were written before a word was changed.
module KdNotebooks.FSharp.Tests.BeforeTests

open KdNotebooks.Experiments
open KdNotebooks.FSharp
open KdNotebooks.Losses
open Xunit

let private written (source: TeacherSource) =
    distill {
        data FashionMnist.mini
        teacher (TeacherSpec("fashion-teacher", source))
        student (Resnet.small 8)
        connect "layer3" "layer3" (channelMlp 1)
        compare (SquaredL2 Reduction.Mean)
        optimiser (Optimiser.adamw 2e-2)
        augment (Scene.crop 8 8 |> Scene.withoutColours)
    }

[<Fact>]
let ``They mean what they meant`` () =
    let now =
        distill {
            data FashionMnist.mini
            teacher (Pretrained.model "fashion-teacher")
            student (Resnet.small 8)
            connect "layer3" "layer3" (channelMlp 1)
            compare (L2Loss Reduction.Mean)
            optimizer (Optimizer.adamw 2e-2)
            augment (Scene.crop 8 8 |> Scene.withoutColors)
        }

    Assert.Equal(RecipeJson.Write now, RecipeJson.Write(written TeacherSource.Live))
    Assert.Equal(KdLoss 4.0, SoftTargets 4.0)
