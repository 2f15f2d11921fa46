module KdNotebooks.FSharp.Tests.RecipesTests

open System
open KdNotebooks.Data
open KdNotebooks.Recipes
open KdNotebooks.Teachers
open KdNotebooks.Weights
open KdNotebooks.FSharp
open KdNotebooks.Losses
open KdNotebooks.Training
open Xunit

let private student =
    Recipes.cityscapes "cs" "teacher.safetensors" "resnet18.safetensors"

let private teacher = Recipes.cityscapesTeacher "cs" "resnet101.safetensors"

// docs/method.md, 2.1 (mmsegmentation's schedule_40k, MGD's data) and 2.2 (MGD's settings).
[<Fact>]
let ``The Cityscapes protocol is the one that is published`` () =
    for recipe in [ student; teacher ] do
        Assert.Equal(DataSpec("cityscapes", Folder = "cs"), recipe.Data)
        Assert.Equal(Sgd(0.01, 0.9, 5e-4), recipe.Optimizer :?> Sgd)
        Assert.Equal(Polynomial(0.9, 1e-4 / 0.01), recipe.Schedule :?> Polynomial)
        Assert.Equal(Nullable 40000, recipe.Iterations)
        let crops = recipe.Augmentation :?> ResizedCrop
        Assert.Equal((512, 512, 0.5, 2.0), (crops.CropHeight, crops.CropWidth, crops.MinRatio, crops.MaxRatio))
        Assert.Equal((0.75, true, true), (crops.MaxClassShare, crops.Flip, crops.Distort))
        Assert.Equal(recipe, RecipeJson.Read(RecipeJson.Write recipe))

[<Fact>]
let ``The student is held to the teacher at the backbone's last map`` () =
    Assert.Equal("PSPNet-R18", student.Student.Name)
    Assert.Equal("PSPNet-R101", teacher.Student.Name)
    let held = Assert.Single student.Connections
    Assert.Equal(("backbone.layer4", "backbone.layer4", 2e-5), (held.Student, held.Teacher, held.Alpha))
    Assert.Equal(L2Loss Reduction.SumPerBatch, held.Loss :?> L2Loss)
    Assert.Equal("mlp-1", held.Aligner.Name)
    Assert.Equal<TeacherSpec | null>(TeacherSpec "teacher.safetensors", student.Teacher)
    Assert.Equal<InitialWeights | null>(InitialWeights "resnet18.safetensors", student.Initial)
    Assert.Empty teacher.Connections

[<Fact>]
let ``Without the data it fails before anything else and names the folder`` () =
    Samples.fails "leftImg8bit" (fun () -> run [ Recipes.cityscapes "no-such-folder" "t" "b" ])

// A run of before has the same id: by name it is the recipe that stood here in code.
[<Fact>]
let ``The protocol by name is the one that was written out`` () =
    let written =
        distill {
            data (Cityscapes.at "cs")
            task segmentation
            teacher (Pretrained.model "teacher.safetensors")
            student (Segmenter.psp 18 64)
            connect "backbone.layer4" "backbone.layer4" (channelMlp 1)
            augment (Scene.crop 512 512)
            optimizer (Optimizer.sgd (0.01, momentum = 0.9, weightDecay = 5e-4))
            schedule (Schedule.polynomial (power = 0.9, floor = 0.01))
            iterations 40000
            epochs 10
            batchSize 8
        }

    let held =
        KdNotebooks.Distillation.Connection(
            "backbone.layer4",
            "backbone.layer4",
            channelMlp 1,
            l2 Reduction.SumPerBatch,
            2e-5
        )

    Assert.Equal(
        written.With(``method`` = "mlp-1", connections = [| held |], initial = InitialWeights "resnet18.safetensors"),
        student
    )

[<Fact>]
let ``A named recipe takes another folder`` () =
    let recipe =
        (Recipes.named "coco-faster-rcnn-r50-mgd").With(data = Coco.folder "elsewhere")

    Assert.Equal(DataSpec("coco", Folder = "elsewhere"), recipe.Data)
    Assert.Equal(4, recipe.Connections.Count)
    Assert.Equal(35.0, recipe.ClipNorm.Value)
    Assert.Contains("coco-mask-rcnn-r50-mlp", Recipes.names)
    Assert.NotEmpty((Recipes.about "coco-mask-rcnn-r50-mlp").Unknown)
    Assert.True((Coco.folder "x" |> Coco.keepEmpty |> Data.takeTrain 5).KeepEmpty)
