namespace KdNotebooks.FSharp

open System
open KdNotebooks.Tasks.Segmentation
open KdNotebooks.Datasets
open KdNotebooks.Data
open KdNotebooks.Models
open KdNotebooks.Tasks

/// Scenes of Fashion-MNIST garments with a class for each pixel, for `data`: `FashionScenes.make 1500 300 300`.
[<RequireQualifiedAccess>]
module FashionScenes =
    /// This many training, validation and test scenes of 96x96, made on first use: some 300 a second.
    let make train validation test =
        DataSpec("fashion-scenes", Nullable train, Nullable validation, Nullable test)

    /// Another height and width, in pixels.
    let size pixels (spec: DataSpec) = spec.Sized pixels

    /// Those that `kd data make fashion-scenes` wrote to a folder.
    let at folder =
        DataSpec("fashion-scenes", Folder = folder)

/// Cityscapes, or a set in its layout with its label ids, for `data`.
[<RequireQualifiedAccess>]
module Cityscapes =
    /// The folder holds leftImg8bit and gtFine; datasets.md says where they come from.
    let at folder = DataSpec("cityscapes", Folder = folder)

/// Students and teachers that give a class for each pixel, for `student`: `Segmenter.psp 18 16 |> Segmenter.stride 16`.
/// Output stride 8, a deep stem (v1c) and an auxiliary head, unless changed.
[<RequireQualifiedAccess>]
module Segmenter =
    let private segmenter head depth width =
        SegmenterSpec(Head = head, Depth = depth, Width = width)

    // A copy with the named options changed: every word goes through it, so that none forgets an option.
    let private change (s: SegmenterSpec) stride stem channels auxiliary =
        SegmenterSpec(
            s.Head,
            s.Depth,
            s.Width,
            defaultArg stride s.OutputStride,
            defaultArg stem s.DeepStem,
            defaultArg channels s.HeadChannels,
            s.Rates,
            defaultArg auxiliary s.Auxiliary
        )

    /// PSPNet on a ResNet of this depth (18, 34, 50, 101) and width (the paper's 64).
    let psp depth width =
        segmenter SegmentationHead.Psp depth width

    /// DeepLabV3 on a ResNet of this depth and width.
    let deepLab depth width =
        segmenter SegmentationHead.DeepLabV3 depth width

    /// A fully convolutional network on a ResNet of this depth and width.
    let fcn depth width =
        segmenter SegmentationHead.Fcn depth width

    /// Another output stride: 8, 16 or 32 pixels for a position of the last map.
    let stride pixels s = change s (Some pixels) None None None

    /// A stem of one 7x7 convolution, torchvision's.
    let plainStem s = change s None (Some false) None None

    /// Another number of channels within the head.
    let head channels s =
        change s None None (Some(Nullable channels)) None

    /// No auxiliary head.
    let withoutAuxiliary s = change s None None None (Some false)

/// Augmentations of images with label maps, for `augment`: `Scene.crop 64 64 |> Scene.views 4`. Image and labels are
/// resized, cropped and mirrored together; colors change in the image alone.
[<RequireQualifiedAccess>]
module Scene =
    let private copy (a: ResizedCrop) ratio flip distort views seed =
        let low, high = defaultArg ratio (a.MinRatio, a.MaxRatio)

        ResizedCrop(
            a.CropHeight,
            a.CropWidth,
            low,
            high,
            a.MaxClassShare,
            defaultArg flip a.Flip,
            defaultArg distort a.Distort,
            defaultArg views a.Views,
            defaultArg seed a.Seed
        )

    /// Images as they are.
    let asTheyAre = ResizedCrop.None

    /// A random size (0.5 to 2 times), a random crop of this height and width, mirror images and colors.
    let crop height width = ResizedCrop(height, width)

    /// Other sizes: `ratio 0.75 1.5`.
    let ratio smallest largest a =
        copy a (Some(smallest, largest)) None None None None

    /// No mirror images.
    let withoutFlip a = copy a None (Some false) None None None

    /// Colors as they are.
    let withoutColors a = copy a None None (Some false) None None

    /// The earlier spelling of `withoutColors`.
    let withoutColours a = withoutColors a

    /// A fixed number of views of each image, the same for every seed of an experiment: passes take turns with them.
    let views count a =
        copy a None None None (Some count) (Some(Nullable 0))

/// Tasks for `task`.
[<AutoOpen>]
module Tasks =
    let private copy (s: SegmentationSpec) auxiliary weights window =
        SegmentationSpec(
            defaultArg auxiliary s.AuxiliaryWeight,
            defaultArg weights s.ClassWeights,
            defaultArg window s.Window
        )

    /// A class for each pixel: `task segmentation`. Judged by the mean intersection over union.
    let segmentation = SegmentationSpec()

    /// Another weight of the auxiliary head's loss; the default is 0.4.
    let auxiliary weight s = copy s (Some weight) None None

    /// What a pixel of each class counts in the loss.
    let classWeights (weights: float list) s =
        copy s None (Some(List.toArray weights)) None

    /// Evaluation in windows of this height and width, at these steps: `slidingWindow (512, 1024) (341, 683)`.
    let slidingWindow (height, width) (stepY, stepX) s =
        copy s None None (Some(SlidingWindow(height, width, stepY, stepX)))
