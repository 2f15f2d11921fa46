namespace KdNotebooks.FSharp

open System
open KdNotebooks.Analysis
open KdNotebooks.Data
open KdNotebooks.Datasets
open KdNotebooks.Models.Detection
open KdNotebooks.Tasks.Detection

/// Scenes of Fashion-MNIST garments with their boxes and masks, for `data`: `FashionThings.make 1500 300 300`.
[<RequireQualifiedAccess>]
module FashionThings =
    /// This many training, validation and test scenes of 96x96, made on first use: some 300 a second.
    let make train validation test =
        DataSpec("fashion-things", Nullable train, Nullable validation, Nullable test)

    /// Another height and width, in pixels.
    let size pixels (spec: DataSpec) =
        DataSpec(spec.Name, spec.Train, spec.Validation, spec.Test, spec.Folder, Nullable pixels)

/// COCO, or data of your own in its layout, with boxes and masks, for `data`: `Coco.folder "data/coco"`.
[<RequireQualifiedAccess>]
module Coco =
    /// The folder holds annotations/instances_*.json and the images; datasets.md says where they come from. Training images
    /// without an object to learn from are left out.
    let folder path = DataSpec("coco", Folder = path)

    /// Training images without an object to learn from are kept.
    let keepEmpty (spec: DataSpec) =
        DataSpec(spec.Name, spec.Train, spec.Validation, spec.Test, spec.Folder, spec.Size, KeepEmpty = true)

/// Students and teachers that find things, for `student`: `Detector.faster 18 16 |> Detector.levels 64`.
[<RequireQualifiedAccess>]
module Detector =
    /// RetinaNet on a ResNet of this depth (18, 34, 50, 101) and width (the paper's 64), with a pyramid of this many
    /// channels (the paper's 256) and anchors from this side on (32).
    let retina depth width channels anchor =
        RetinaNetSpec(Depth = depth, Width = width, Channels = channels, SmallestAnchor = anchor)

    /// Faster R-CNN likewise; its box head has hidden layers of this width (the paper's 1024).
    let faster depth width channels anchor head =
        FasterRcnnSpec(Depth = depth, Width = width, Channels = channels, SmallestAnchor = anchor, HeadWidth = head)

    /// With masks: Mask R-CNN, its mask head with this many channels (the paper's 256).
    let masks channels (s: FasterRcnnSpec) =
        FasterRcnnSpec(
            s.Depth,
            s.Width,
            true,
            s.Cascade,
            s.Channels,
            s.SmallestAnchor,
            s.HeadWidth,
            channels,
            s.Groups,
            s.GroupWidth,
            s.Proposals,
            s.Regions,
            s.Limits
        )

    /// How many proposals of an image the second stage learns from; the paper's 512.
    let regions count (s: FasterRcnnSpec) =
        FasterRcnnSpec(
            s.Depth,
            s.Width,
            s.Masks,
            s.Cascade,
            s.Channels,
            s.SmallestAnchor,
            s.HeadWidth,
            s.MaskWidth,
            s.Groups,
            s.GroupWidth,
            s.Proposals,
            count,
            s.Limits
        )

    /// Paths of a detector's pyramid, the finest first: `connectEach (Detector.pyramid 4) (channelMlp 1)`.
    let pyramid count =
        [ for i in 0 .. count - 1 -> $"backbone.fpn.layer_blocks.{i}" ]

/// Tasks for `task`.
[<AutoOpen>]
module DetectionTasks =
    /// Boxes around things: `task detection`. Judged by COCO's mean average precision.
    let detection = DetectionSpec()

    /// Boxes and masks: `task instanceSegmentation`. Judged by COCO's mean average precision of masks.
    let instanceSegmentation = DetectionSpec(Masks = true)

/// Numbers that somebody else's code computes.
[<AutoOpen>]
module DetectionFiles =
    /// Writes what a run's student finds in all test images as COCO's results, and the annotations beside it, into a folder:
    /// `examine result "mlp-1" 1 |> cocoResults "artifacts/coco"`; pycocotools reads both. The two files' paths.
    let cocoResults (folder: string) (run: TrainedRun) =
        let split, set =
            match run.Task.Data.Test with
            | null -> "validation", run.Task.Data.Validation
            | test -> "test", test

        let images = [| 0 .. set.Count - 1 |]
        let found = run.Predict(split, images)
        CocoExport.Write(folder, split, set, images, found.Items).ToTuple()
