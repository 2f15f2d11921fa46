module KdNotebooks.FSharp.Tests.ScenesTests

open System
open KdNotebooks.Aligners
open KdNotebooks.Datasets
open KdNotebooks.Distillation
open KdNotebooks.Data
open KdNotebooks.Models
open KdNotebooks.Recipes
open KdNotebooks.Teachers
open KdNotebooks.FSharp
open KdNotebooks.Losses
open KdNotebooks.Tasks.Segmentation
open KdNotebooks.Training
open Xunit

/// The names of the properties in which two values differ.
let private differences (before: 'a) (after: 'a) =
    [
        for property in typeof<'a>.GetProperties() do
            if not (Object.Equals(property.GetValue before, property.GetValue after)) then
                property.Name
    ]

// Away from every default, so that a word which forgets an option is found out.
let private segmenter =
    SegmenterSpec(SegmentationHead.DeepLabV3, 50, 16, 32, false, Nullable 24, [| 2; 4 |], false)

let private dense = ResizedCrop(10, 20, 0.7, 1.4, 0.6, false, false, 3, Nullable 7)

let private spec = SegmentationSpec(0.9, [| 1.0; 2.0 |], SlidingWindow(9, 8, 4, 3))

[<Fact>]
let ``Scenes are made, sized and found by their words`` () =
    Assert.Equal(DataSpec("fashion-scenes", Nullable 5, Nullable 3, Nullable 2), FashionScenes.make 5 3 2)

    Assert.Equal(
        DataSpec("fashion-scenes", Nullable 5, Nullable 3, Nullable 2, Size = Nullable 48),
        FashionScenes.make 5 3 2 |> FashionScenes.size 48
    )

    Assert.Equal(DataSpec("fashion-scenes", Folder = "scenes"), FashionScenes.at "scenes")
    Assert.Equal(DataSpec("cityscapes", Folder = "city"), Cityscapes.at "city")

[<Fact>]
let ``Another size changes the size and nothing else`` () =
    let full = DataSpec("d", Nullable 1, Nullable 2, Nullable 3, "folder", Nullable 4)
    Assert.Equal<string list>([ "Size" ], differences full (full |> FashionScenes.size 5))

[<Fact>]
let ``What the words make, the core opens`` () =
    let data = KnownDatasets.Open(FashionScenes.make 3 2 1 |> FashionScenes.size 32)
    Assert.Equal((3, 2, 1), (data.Train.Count, data.Validation.Count, (nonNull data.Test).Count))

[<Fact>]
let ``Each head is built of a depth and a width`` () =
    Assert.Equal(SegmenterSpec(SegmentationHead.Psp, 34, 16), Segmenter.psp 34 16)
    Assert.Equal(SegmenterSpec(SegmentationHead.DeepLabV3, 18, 8), Segmenter.deepLab 18 8)
    Assert.Equal(SegmenterSpec(SegmentationHead.Fcn, 101, 64), Segmenter.fcn 101 64)

[<Fact>]
let ``Each word of a student changes one option`` () =
    let changes = differences segmenter

    Assert.Equal<string list>(
        [ "OutputStride"; "Name" ] |> List.sort,
        changes (Segmenter.stride 16 segmenter) |> List.sort
    )

    Assert.Equal<string list>([ "HeadChannels" ], changes (Segmenter.head 8 segmenter))

    Assert.Equal<string list>(
        [ "DeepStem" ],
        differences (Segmenter.psp 18 4) (Segmenter.psp 18 4 |> Segmenter.plainStem)
    )

    Assert.Equal<string list>(
        [ "Auxiliary" ],
        differences (Segmenter.psp 18 4) (Segmenter.psp 18 4 |> Segmenter.withoutAuxiliary)
    )

    Assert.Equal(16, (Segmenter.stride 16 segmenter).OutputStride)
    Assert.Equal(Nullable 8, (Segmenter.head 8 segmenter).HeadChannels)
    Assert.Equal(segmenter, segmenter |> Segmenter.plainStem |> Segmenter.withoutAuxiliary)

[<Fact>]
let ``Each word of an augmentation changes what it says`` () =
    Assert.Equal(ResizedCrop(64, 48), Scene.crop 64 48)
    Assert.Equal(ResizedCrop.None, Scene.asTheyAre)
    Assert.Equal<string list>([ "MinRatio"; "MaxRatio"; "Key" ], differences dense (dense |> Scene.ratio 0.5 2.5))
    let usual = Scene.crop 64 64
    Assert.Equal<string list>([ "Flip"; "Key" ], differences usual (Scene.withoutFlip usual))
    Assert.Equal<string list>([ "Distort"; "Key" ], differences usual (Scene.withoutColors usual))
    Assert.Equal(dense, dense |> Scene.withoutFlip |> Scene.withoutColors)
    Assert.Equal<string list>([ "Views"; "Seed" ], differences dense (Scene.views 4 dense))
    Assert.Equal((4, Nullable 0), ((Scene.views 4 dense).Views, (Scene.views 4 dense).Seed))
    Assert.Equal((0.5, 2.5), ((Scene.ratio 0.5 2.5 dense).MinRatio, (Scene.ratio 0.5 2.5 dense).MaxRatio))

[<Fact>]
let ``Each word of the task changes one option`` () =
    Assert.Equal(SegmentationSpec(), segmentation)
    Assert.Equal<string list>([ "AuxiliaryWeight" ], differences spec (auxiliary 0.2 spec))
    Assert.Equal<string list>([ "ClassWeights" ], differences spec (classWeights [ 3.0 ] spec))
    Assert.Equal<string list>([ "Window" ], differences spec (slidingWindow (5, 6) (2, 3) spec))
    Assert.Equal(0.2, (auxiliary 0.2 spec).AuxiliaryWeight)
    Assert.Equal<float seq>([ 3.0 ], (classWeights [ 3.0 ] spec).ClassWeights)
    Assert.Equal(SlidingWindow(5, 6, 2, 3), (slidingWindow (5, 6) (2, 3) spec).Window)

[<Fact>]
let ``Channel-wise divergence of logits replaces whatever the recipe connected`` () =
    let recipe =
        Samples.one.With(task = segmentation) |> (Method.cwdLogits 4.0 3.0).Change

    Assert.Equal(Connection("classifier", "classifier", Identity(), CwdLoss 4.0, 3.0), Assert.Single recipe.Connections)

    Assert.Equal<string list>(
        [ "Connections"; "FurtherTeachers"; "Fused"; "Logits" ],
        Samples.differences (Samples.one.With(task = segmentation)) recipe |> List.sort
    )

[<Fact>]
let ``A whole recipe of segmentation says what it reads as`` () =
    let recipe =
        distill {
            named "mlp"
            data (Cityscapes.at "data/cityscapes")
            task (segmentation |> auxiliary 0.5 |> slidingWindow (512, 1024) (341, 683))
            teacher (Pretrained.model "psp.safetensors")
            student (Segmenter.psp 18 64 |> Segmenter.stride 16)
            connect "backbone.layer4" "backbone.layer4" (channelMlp 1)
            spatial SpatialPolicy.Resize
            alpha 5.0
            logits (kd 4.0) 0.5
            optimizer (Optimizer.sgd 0.01)
            schedule (Schedule.polynomial ())
            epochs 10
            iterations 40000
            batchSize 16
            augment (Scene.crop 512 1024 |> Scene.ratio 0.75 1.5 |> Scene.views 4)
            seed 3
        }

    let expected =
        Recipe(
            Method = "mlp",
            Data = DataSpec("cityscapes", Folder = "data/cityscapes"),
            Task = SegmentationSpec(0.5, null, SlidingWindow(512, 1024, 341, 683)),
            Teacher = TeacherSpec "psp.safetensors",
            Student = SegmenterSpec(SegmentationHead.Psp, 18, 64, 16),
            Connections =
                [|
                    Connection("backbone.layer4", "backbone.layer4", ChannelMlp(), L2Loss(), 5.0, SpatialPolicy.Resize)
                |],
            Logits = LogitConnection(KdLoss 4.0, 0.5),
            Optimizer = Sgd 0.01,
            Schedule = Polynomial(),
            Epochs = 10,
            Iterations = Nullable 40000,
            BatchSize = 16,
            Augmentation = ResizedCrop(512, 1024, 0.75, 1.5, Views = 4, Seed = Nullable 0),
            Seed = 3
        )

    Assert.Equal(expected, recipe)
    Assert.Equal(recipe, RecipeJson.Read(RecipeJson.Write recipe))

    // As JSON each choice has its kind, so that whoever reads it need not guess.
    let json = RecipeJson.Write recipe

    for kind in [ "segmentation"; "segmenter"; "dense" ] do
        Assert.Contains($"\"kind\": \"{kind}\"", json)

[<Fact>]
let ``Segmentation begins with an augmentation of its kind, wherever the lines stand`` () =
    let late =
        distill {
            augment (Scene.crop 64 64)
            student (Segmenter.psp 18 4)
            data (FashionScenes.make 4 2 2)
            task segmentation
        }

    let early =
        distill {
            task segmentation
            data (FashionScenes.make 4 2 2)
            student (Segmenter.psp 18 4)
            augment (Scene.crop 64 64)
        }

    let without =
        distill {
            task segmentation
            data (FashionScenes.make 4 2 2)
            student (Segmenter.psp 18 4)
        }

    Assert.Equal(early, late)
    Assert.Equal(ResizedCrop(), Assert.IsType<ResizedCrop> without.Augmentation)
