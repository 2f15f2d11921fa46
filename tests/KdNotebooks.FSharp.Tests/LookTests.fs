module KdNotebooks.FSharp.Tests.LookTests

open KdNotebooks.Models
open KdNotebooks.FSharp
open Xunit

let private few = FashionMnist.mini |> FashionMnist.take 10 100 50

[<Fact>]
let ``Load gives the images that the recipe will see`` () =
    let images = load few
    Assert.Equal((10, 100, 50), (images.Train.Count, images.Validation.Count, (nonNull images.Test).Count))

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

let private fewScenes = FashionScenes.make 4 2 2 |> FashionScenes.size 32

let private shapeOf path (table: KdNotebooks.Models.ModuleTable) =
    table.Rows |> Seq.find (fun row -> row.Path = path) |> _.Shape

[<Fact>]
let ``Scenes are loaded by the same word`` () =
    let scenes = load fewScenes
    Assert.Equal((4, 2), (scenes.Train.Count, scenes.Validation.Count))
    Assert.Equal(11, scenes.ClassNames.Count)

[<Fact>]
let ``Modules of a segmenter have the shapes of scenes, or of the crops of a recipe`` () =
    let whole = modules (Segmenter.psp 18 4) (load fewScenes)
    Assert.Equal<int64 seq>([ 11L; 32L; 32L ], shapeOf "" whole)

    let cropped =
        distill {
            data fewScenes
            task segmentation
            student (Segmenter.psp 18 4)
            augment (Scene.crop 16 24)
        }

    Assert.Equal<int64 seq>([ 11L; 16L; 24L ], shapeOf "" (modulesOf cropped))

[<Fact>]
let ``A recipe's teacher is measured by the recipe's task`` () =
    let recipe =
        distill {
            data (FashionMnist.mini |> FashionMnist.take 10 100 50)
            teacher (Pretrained.model "fashion-teacher")
            student (Resnet.small 4)
        }

    Assert.Equal(measure (Pretrained.model "fashion-teacher") (load few), measureTeacher recipe)

    Samples.fails "takes 1 channels and gives 10 classes; fashion-scenes has 3 and 11" (fun () ->
        measure (Pretrained.model "fashion-teacher") (load fewScenes))

    Samples.fails "names no teacher" (fun () -> measureTeacher Samples.plain)
