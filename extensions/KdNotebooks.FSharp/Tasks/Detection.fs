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
    let size pixels (spec: DataSpec) = spec.Sized pixels

/// COCO, or data of your own in its layout, with boxes and masks, for `data`: `Coco.folder "data/coco"`.
[<RequireQualifiedAccess>]
module Coco =
    /// The folder holds annotations/instances_*.json and the images; datasets.md says where they come from. Training images
    /// without an object to learn from are left out.
    let folder path = DataSpec("coco", Folder = path)

    /// Training images without an object to learn from are kept.
    let keepEmpty (spec: DataSpec) =
        DataSpec(spec.Name, spec.Train, spec.Validation, spec.Test, spec.Folder, spec.Size, KeepEmpty = true)

/// Students and teachers that find things, for `student`: `Detector.faster 50 64 256 32 1024 |> Detector.masks 256`.
[<RequireQualifiedAccess>]
module Detector =
    /// RetinaNet on a ResNet of this depth (18, 34, 50, 101) and width (the paper's 64), with a pyramid of this many
    /// channels (the paper's 256) and anchors from this side on (32; at least 16, twice the finest level's stride).
    let retina depth width channels anchor =
        RetinaNetSpec(Depth = depth, Width = width, Channels = channels, SmallestAnchor = anchor)

    /// Faster R-CNN likewise; its box head has hidden layers of this width (the paper's 1024).
    let faster depth width channels anchor head =
        FasterRcnnSpec(Depth = depth, Width = width, Channels = channels, SmallestAnchor = anchor, HeadWidth = head)

    /// With masks: Mask R-CNN, its mask head with this many channels (the paper's 256).
    let masks (channels: int) (spec: FasterRcnnSpec) = spec.WithMasks channels

    /// With three box heads that refine one another's boxes: Cascade R-CNN.
    let cascade (spec: FasterRcnnSpec) = spec.WithCascade()

    /// How many proposals of an image the second stage learns from; the paper's 512.
    let regions (count: int) (spec: FasterRcnnSpec) = spec.WithRegions count

    /// How many parts of the residual backbone are trained, from its last stage down: 3 leaves stem and first stage as they
    /// begin, with torchvision's pretrained backbones; 5 is all.
    let trainable (layers: int) (spec: 'Spec :> IPyramidSpec<'Spec>) : 'Spec =
        spec.WithFrozen(Nullable layers, spec.FrozenNorms)

    /// The residual backbone's normalizations never change, neither weights nor statistics.
    let frozenNorms (spec: 'Spec :> IPyramidSpec<'Spec>) : 'Spec =
        spec.WithFrozen(spec.TrainableLayers, true)

    /// The same with another number than 1e-5 beside the variance: 0 with torchvision's own detectors on ResNet-50 (COCO_V1).
    let frozenNormsOf (epsilon: float) (spec: 'Spec :> IPyramidSpec<'Spec>) : 'Spec = spec.WithFrozenNorms epsilon

    /// The path of what a student of two stages sees at its proposals; its teacher's, of any build, are the teacher's features
    /// at these very proposals: `connect Detector.proposals Detector.proposals linearAligner`.
    let proposals = "roi_heads.box_roi_pool"

    /// Paths of a detector's pyramid, the finest first: `connectEach (Detector.pyramid 4) (channelMlp 1)`.
    let pyramid count =
        [ for i in 0 .. count - 1 -> $"backbone.fpn.layer_blocks.{i}" ]

    /// Where a teacher with proposals (Faster, Mask, Cascade R-CNN) says how sure it is of a thing at each level of its
    /// pyramid, for `scoredBy`. They are of the levels as they are: the first belongs to the finest.
    let proposalScores count =
        [ for i in 0 .. count - 1 -> $"rpn.head.cls_logits[{i}]" ]

    /// The same of a RetinaNet: how sure it is of each class.
    let classScores count =
        [ for i in 0 .. count - 1 -> $"head.classification_head.cls_logits[{i}]" ]

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
