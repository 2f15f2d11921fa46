module KdNotebooks.FSharp.Tests.ChoicesTests

open KdNotebooks.Recipes
open System
open KdNotebooks.Data
open KdNotebooks.Datasets
open KdNotebooks.Models
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
    Assert.Equal(5000, (KnownDatasets.Load FashionMnist.mini).Train.Count)
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
let ``Students are residual networks of a depth and a width`` () =
    Assert.Equal<IModelSpec>(ResNetSpec(14, 6), Resnet.create 14 6)
    Assert.Equal<IModelSpec>(ResNetSpec(8, 6), Resnet.small 6)

[<Fact>]
let ``Augmentations are written from left to right, each word for its own part`` () =
    Assert.Equal(Augmentation(3, false), crop 3)
    Assert.Equal(Augmentation(3, true), crop 3 |> flip)
    Assert.Equal(Augmentation(3, true, 2, Nullable 0), crop 3 |> flip |> views 2)
    Assert.Equal(crop 3 |> flip |> views 2, crop 3 |> views 2 |> flip)
    Assert.True asTheyAre.IsNone
