module KdNotebooks.FSharp.Tests.ChoicesTests

open KdNotebooks.Recipes
open System
open KdNotebooks.Data
open KdNotebooks.Datasets
open KdNotebooks.Models
open KdNotebooks.Models.Classification
open KdNotebooks.Runtime
open KdNotebooks.Teachers
open KdNotebooks.FSharp
open Xunit

[<Theory>]
[<InlineData("smoke", 1)>]
[<InlineData("quick", 2)>]
[<InlineData("paper", 3)>]
let ``A preset picks its value`` (preset, value) =
    Assert.Equal(value, Preset.choose preset 1 2 3)

[<Theory>]
[<InlineData("Quick")>]
[<InlineData("")>]
let ``A preset that is not known is refused with the known ones`` (preset: string) =
    (fun () -> Preset.choose preset 1 2 3)
    |> Samples.fails $"Preset '{preset}' is not known; expected 'smoke', 'quick' or 'paper'."

[<Fact>]
let ``Datasets are those that the core knows`` () =
    Assert.Equal(5000, (KnownDatasets.Open FashionMnist.mini).Train.Count)
    Assert.Equal(DataSpec "fashion-mnist", FashionMnist.full)
    let some = FashionMnist.mini |> FashionMnist.take 1 2 3
    Assert.Equal(DataSpec("fashion-mnist-mini", Nullable 1, Nullable 2, Nullable 3), some)

[<Fact>]
let ``Images are counted by plain numbers, and a dataset keeps what is not spoken of`` () =
    Assert.Equal(DataSpec "d", Data.named "d")
    Assert.Equal(DataSpec("d", Nullable 1, Nullable 2, Nullable 3), Data.named "d" |> Data.take 1 2 3)
    Assert.Equal(DataSpec("d", Nullable 5), Data.named "d" |> Data.takeTrain 5)
    let full = DataSpec("d", Nullable 1, Nullable 2, Nullable 3, "folder", Nullable 4)
    Assert.Equal(DataSpec("d", Nullable 9, Nullable 2, Nullable 3, "folder", Nullable 4), full |> Data.takeTrain 9)
    Assert.Equal(DataSpec("d", Nullable 7, Nullable 8, Nullable 9, "folder", Nullable 4), full |> Data.take 7 8 9)

[<Fact>]
let ``A teacher keeps its name and its folder, whatever its source`` () =
    let t = Pretrained.model "fashion-teacher"
    Assert.Equal(TeacherSpec("fashion-teacher", TeacherSource.Live), t)
    let foldered = TeacherSpec("t", TeacherSource.Live, "cache")
    Assert.Equal(TeacherSpec("t", TeacherSource.Memory, "cache"), Pretrained.inMemory foldered)
    Assert.Equal(TeacherSpec("t", TeacherSource.Disk, "cache"), Pretrained.onDisk foldered)

[<Fact>]
let ``A teacher from a file of weights keeps its network, entry and prefix whatever is asked of it`` () =
    let network = Student.named "resnet8x4"

    let t =
        Pretrained.weights "r.pth" network
        |> Pretrained.entry "ema"
        |> Pretrained.prefix "module"
        |> Pretrained.normalized [ 0.5; 0.5; 0.5 ] [ 0.2; 0.2; 0.2 ]
        |> Pretrained.inMemory

    Assert.Equal("r.pth", t.Weights)
    Assert.Equal(TeacherSource.Memory, t.Source)
    Assert.Equal(Some(network :> IModelSpec), Option.ofObj t.Network)
    Assert.Equal("ema", t.Entry)
    Assert.Equal("module", t.Prefix)
    Assert.NotNull t.Normalization

[<Fact>]
let ``Students are residual networks of a depth and a width`` () =
    Assert.Equal<IModelSpec>(ResNetSpec(14, 6), Resnet.create 14 6)
    Assert.Equal<IModelSpec>(ResNetSpec(8, 6), Resnet.small 6)

[<Fact>]
let ``Augmentations are written from left to right, each word for its own part`` () =
    Assert.Equal(PaddedCrop(3, false), crop 3)
    Assert.Equal(PaddedCrop(3, true), crop 3 |> flip)
    Assert.Equal(PaddedCrop(3, true, 2, Nullable 0), crop 3 |> flip |> views 2)
    Assert.Equal(crop 3 |> flip |> views 2, crop 3 |> views 2 |> flip)
    Assert.True asTheyAre.IsNone

[<Fact>]
let ``One augmentation stands behind another, and views and seed are the whole's`` () =
    let both = crop 2 |> views 3 |> andThen (Scene.crop 64 48)

    Assert.Equal<IAugmentation>(Chain([| crop 2 |> views 3; Scene.crop 64 48 |], 3, Nullable 0), both)

    Assert.Equal<IAugmentation>(
        Chain([| crop 2; Scene.crop 64 48; asTheyAre |]),
        crop 2 |> andThen (Scene.crop 64 48) |> andThen asTheyAre
    )

[<Fact>]
let ``Students have the names of their code bases, and options where they take any`` () =
    Assert.Equal(NetworkSpec "resnet8x4", Student.named "resnet8x4")

    Assert.Equal(
        NetworkSpec("mobilenet_v1", Width = Nullable 0.25, StemStride = Nullable 1),
        Student.named "mobilenet_v1" |> Student.width 0.25 |> Student.stemStride 1
    )

    Assert.Equal(
        NetworkSpec("mobilenet_v1", Width = Nullable 0.25, StemStride = Nullable 1),
        Student.named "mobilenet_v1" |> Student.stemStride 1 |> Student.width 0.25
    )

    let wrong = Assert.Throws<KdException>(fun () -> Student.named "wrn_40_3" |> ignore)
    Assert.Contains("the nearest is 'wrn_40_", wrong.Message)

    let recipe =
        distill {
            data FashionMnist.mini
            student (Student.named "wrn_16_2")
        }

    Assert.Equal<IModelSpec>(NetworkSpec "wrn_16_2", recipe.Student)
