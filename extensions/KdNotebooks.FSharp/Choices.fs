namespace KdNotebooks.FSharp

open KdNotebooks.Recipes
open KdNotebooks.Runs
open System
open KdNotebooks.Data
open KdNotebooks.Datasets
open KdNotebooks.Models
open KdNotebooks.Models.Classification
open KdNotebooks.Teachers
open KdNotebooks.Native
open KdNotebooks.Runtime

/// Picks a value by the notebook's preset: "smoke" (tests), "quick" (minutes on two cores), "paper" (the full data).
[<RequireQualifiedAccess>]
module Preset =
    /// Fails with the known names where the preset is none of them.
    let choose (preset: string) (smoke: 'a) (quick: 'a) (paper: 'a) : 'a =
        match preset with
        | "smoke" -> smoke
        | "quick" -> quick
        | "paper" -> paper
        | other -> raise (KdException $"Preset '{other}' is not known; expected 'smoke', 'quick' or 'paper'.")

/// A dataset by its name, for `data`: `Data.named "fashion-mnist" |> Data.takeTrain 640`.
[<RequireQualifiedAccess>]
module Data =
    let private some train validation test (spec: DataSpec) = spec.Taking(train, validation, test)

    /// Every image of "fashion-mnist-mini" (in the package), "fashion-mnist", "fashion-scenes", or of a folder of this name
    /// in $KD_DATA that is in MNIST's layout.
    let named (name: string) = DataSpec name

    /// The first images of each split.
    let take (train: int) (validation: int) (test: int) (spec: DataSpec) =
        some (Nullable train) (Nullable validation) (Nullable test) spec

    /// The first training images; validation and test stay as they are.
    let takeTrain (count: int) (spec: DataSpec) =
        some (Nullable count) spec.Validation spec.Test spec

/// Fashion-MNIST for `data`.
[<RequireQualifiedAccess>]
module FashionMnist =
    /// 5,000 training, 2,000 validation and 5,000 test images; in the package.
    let mini = DataSpec "fashion-mnist-mini"

    /// 55,000 training, 5,000 validation and 10,000 test images; `kd data get fashion-mnist` fetches them.
    let full = DataSpec "fashion-mnist"

    /// `Data.take`: the first images of each split.
    let take train validation test (spec: DataSpec) = Data.take train validation test spec

/// Teachers for `teacher`.
[<RequireQualifiedAccess>]
module Pretrained =
    /// A trained model of the package by its name, or the path of a safetensors file.
    let model (nameOrPath: string) = TeacherSpec nameOrPath

    /// A network's weights in a file of PyTorch's (.pth, .pt) or any safetensors file: `Pretrained.weights "resnet34.pth"
    /// (Student.named "resnet34")`. How many classes it tells apart is read off the file; of a checkpoint, the state dict is
    /// found.
    let weights (file: string) (network: IModelSpec) = TeacherSpec(file, Network = network)

    let private changed (source: TeacherSource) (entry: string | null) (prefix: string | null) (teacher: TeacherSpec) =
        TeacherSpec(
            teacher.Weights,
            source,
            teacher.CacheFolder,
            teacher.Normalization,
            Network = teacher.Network,
            Entry = entry,
            Prefix = prefix
        )

    /// Which of a checkpoint's state dicts, where there are several: `Pretrained.weights "both.pth" network |>
    /// Pretrained.entry "ema"`.
    let entry (name: string) (teacher: TeacherSpec) =
        changed teacher.Source name teacher.Prefix teacher

    /// What stands before the network's names in the file, where several networks are in it: `Pretrained.prefix "teacher"`.
    let prefix (name: string) (teacher: TeacherSpec) =
        changed teacher.Source teacher.Entry name teacher

    /// The student of an experiment's first run, as it was after its best epoch: `[ recipe ] |> run |> Pretrained.trained`.
    let trained (result: ExperimentResult) = TeacherSpec result.Runs[0].BestStudent

    /// Its outputs are computed once for each view of each image and kept in memory, for as long as the view can come
    /// again: give the augmentation `views 2`, for with a new one every pass there is nothing to keep.
    let inMemory (teacher: TeacherSpec) =
        changed TeacherSource.Memory teacher.Entry teacher.Prefix teacher

    /// Its outputs are computed once for each view of each image and kept in files that later runs use again.
    let onDisk (teacher: TeacherSpec) =
        changed TeacherSource.Disk teacher.Entry teacher.Prefix teacher

    /// It sees images normalized by these means and deviations, one a channel, whatever the data's are:
    /// `Pretrained.model "teacher.safetensors" |> Pretrained.normalized [ 0.485; 0.456; 0.406 ] [ 0.229; 0.224; 0.225 ]`.
    let normalized (mean: float list) (std: float list) (teacher: TeacherSpec) =
        TeacherSpec(
            teacher.Weights,
            teacher.Source,
            teacher.CacheFolder,
            InputNormalization(List.toArray mean, List.toArray std),
            Network = teacher.Network,
            Entry = teacher.Entry,
            Prefix = teacher.Prefix
        )

/// Students for `student`.
[<RequireQualifiedAccess>]
module Resnet =
    /// A residual network for small images: depth 6n + 2, width is the first stage's channels.
    let create depth width : IModelSpec = ResNetSpec(depth, width)

    /// ResNet-8 of this width: with 8 it has about 20 thousand parameters.
    let small width : IModelSpec = ResNetSpec(8, width)

/// Students for `student` by the names of their code bases: `Student.named "resnet8x4"`.
[<RequireQualifiedAccess>]
module Student =
    /// A network of RepDistiller ("resnet8x4", "wrn_40_2", "ShuffleV1"), torchvision ("resnet34", "mobilenet_v2") or OpenMMLab
    /// ("mobilenet_v1"), with their parameter names and first weights. `kd networks` lists them all.
    let named (name: string) =
        NamedNetworks.Find name |> ignore
        NetworkSpec name

    /// A MobileNet of other channels: `Student.named "mobilenet_v1" |> Student.width 0.25`.
    let width (times: float) (spec: NetworkSpec) =
        NetworkSpec(spec.Network, Width = Nullable times, StemStride = spec.StemStride)

    /// A MobileNetV1 whose first convolution takes this stride: 1 for small images, 2 as it is published.
    let stemStride (stride: int) (spec: NetworkSpec) =
        NetworkSpec(spec.Network, Width = spec.Width, StemStride = Nullable stride)

/// Augmentations for `augment`, written from left to right: `crop 2 |> flip |> views 2`.
[<AutoOpen>]
module Augmentations =
    /// Images as they are.
    let asTheyAre = PaddedCrop.None

    /// A random crop to the old size after this many zero pixels of padding on each side; another one each epoch.
    let crop padding = PaddedCrop(padding, false)

    /// Mirrors half of the images left to right.
    let flip (a: PaddedCrop) =
        PaddedCrop(a.Padding, true, a.Views, a.Seed)

    /// A fixed number of views of each image, the same for every seed of an experiment: epochs take turns with them.
    let views count (a: PaddedCrop) =
        PaddedCrop(a.Padding, a.Flip, count, Nullable 0)

    /// One augmentation behind another, whatever they are: `andThen (Scene.crop 64 64) (crop 2 |> flip)`. Views and seed
    /// are the whole's: `views` before, none after.
    let andThen (second: IAugmentation) (first: IAugmentation) : IAugmentation =
        Chain([| yield! first.Steps; yield! second.Steps |], first.Views, first.Seed)
