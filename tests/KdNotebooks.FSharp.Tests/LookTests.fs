module KdNotebooks.FSharp.Tests.LookTests

open KdNotebooks.Experiments
open KdNotebooks.FSharp
open Xunit

let private few = FashionMnist.mini |> FashionMnist.take 10 100 50

[<Fact>]
let ``Load gives the images that the recipe will see`` () =
    let images = load few
    Assert.Equal((10, 100, 50), (images.Train.Count, images.Validation.Count, images.Test.Count))

[<Fact>]
let ``A teacher is measured on these images, and is near chance or is not`` () =
    let check = measure (Pretrained.model "fashion-teacher") (load few)
    Assert.InRange(check.Validation, 70.0, 100.0)
    Assert.Equal("ResNet-14 (width 24)", check.Model)

[<Fact>]
let ``The model of a teacher is the one that its file names`` () =
    Assert.Equal<IModelSpec>(Resnet.create 14 24, modelOf (Pretrained.model "fashion-teacher"))

[<Fact>]
let ``Modules are listed with the shapes of their outputs`` () =
    let rows = (modules (Resnet.small 4) (load few)).Rows

    let shape path =
        rows |> Seq.find (fun row -> row.Path = path) |> _.Shape

    Assert.Equal<int64 seq>([ 4L; 28L; 28L ], shape "layer1")
    Assert.Equal<int64 seq>([ 16L; 7L; 7L ], shape "layer3")
    Assert.Equal<int64 seq>([ 10L ], shape "fc")
