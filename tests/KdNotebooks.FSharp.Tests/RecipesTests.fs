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
