module KdNotebooks.FSharp.Tests.OwnTests

open KdNotebooks.Datasets
open KdNotebooks.FSharp
open KdNotebooks.Losses
open KdNotebooks.Parts
open KdNotebooks.Recipes
open KdNotebooks.Training
open TorchSharp
open Xunit

type Saw(length: int) =
    member _.Length = length

    interface ISchedule with
        member _.Factor(step, _, _) =
            float (length - step % length) / float length

let private mean (student: torch.Tensor) (teacher: torch.Tensor) =
    (student - teacher.detach ()).abs().mean()

[<Fact>]
let ``A function is registered under its name, and only its result is left alive`` () =
    let loss = Own.loss "words-loss" mean
    use student = torch.ones (2L, 3L)
    use teacher = torch.zeros (2L, 3L)
    use scope = torch.NewDisposeScope()
    let value = loss.Compute(student, teacher)

    Assert.Equal(1.0f, value.item<float32>())
    Assert.Equal(1, scope.DisposablesCount)
    Assert.Same(loss, OwnParts.Find<IFeatureLoss> "words-loss")
    Assert.Equal(MapFit.SameShape, loss.Fit)
    Assert.Equal(MapFit.Any, (Own.lossOf MapFit.Any "words-any" (fun s _ -> s.mean ())).Fit)

[<Fact>]
let ``Every word gives what a recipe takes, and the recipe comes back from its JSON`` () =
    let recipe =
        distill {
            data (Own.data "words-data" (FashionMnist.Mini()))
            student (Own.model "words-model" (fun channels classes -> torch.nn.Linear(int64 channels, int64 classes)))
            connect "a" "b" (Own.aligner "words-aligner" (fun ours theirs -> torch.nn.Conv2d(ours, theirs, 1L)))
            compare (Own.loss "words-both" mean)
            logits (Own.logitLoss "words-logits" (fun student teacher _ -> mean student teacher)) 1.0
            optimizer (Own.optimizer "words-sgd" 0.1 (fun parameters rate -> torch.optim.SGD(parameters, rate)))
            schedule (Own.schedule "words-flat" (fun _ _ _ -> 1.0))
        }

    let text = RecipeJson.Write recipe

    Assert.Equal(recipe, RecipeJson.Read text)
    Assert.Equal(7, Guests.Of(recipe).Count)
    Assert.Same(FashionMnist.Mini(), KnownDatasets.Open recipe.Data)
    Assert.Equal(3, KnownDatasets.Open(FashionMnist.take 3 4 5 recipe.Data).Train.Count)

[<Fact>]
let ``A value of one's own type keeps its options`` () =
    let saw = Own.part<ISchedule> "words-saw" (Saw 3)

    let recipe =
        distill {
            data FashionMnist.mini
            student (Resnet.small 8)
            schedule saw
        }

    let back = RecipeJson.Read(RecipeJson.Write(recipe.With(schedule = Saw 7)))
    Assert.Equal(7, (back.Schedule :?> Saw).Length)
    Assert.Contains("words-saw", RecipeJson.Write recipe)
