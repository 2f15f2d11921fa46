namespace KdNotebooks.FSharp

open System
open KdNotebooks.Data
open KdNotebooks.Datasets
open KdNotebooks.Tasks.Classification
open TorchSharp

/// Images of your own with one class each, from tensors or arrays.
[<RequireQualifiedAccess>]
module Images =
    /// A set: images [N, H, W] or [N, C, H, W], uint8 from 0 to 255 or floats from 0 to 1, with one class index an image:
    /// `Images.ofTensor [ "circle"; "square" ] pixels labels`. They are copied.
    let ofTensor (classNames: string list) (images: torch.Tensor) (labels: int seq) =
        ImageSet.OfTensor("images", images, Seq.toArray labels, List.toArray classNames)

    /// Three sets as a dataset that recipes can name: `data (Images.dataset "shapes" train validation test)`. Pixels are
    /// normalized by the training images' mean and deviation.
    let dataset (name: string) (train: ImageSet) (validation: ImageSet) (test: ImageSet) =
        Own.data name (LabeledImages.Of(name, train, validation, test))

/// Classification for `task`, which is the task where none is named.
[<AutoOpen>]
module Classifying =
    /// A class for each image: `task (classification |> labelSmoothing 0.1)`.
    let classification = ClassificationSpec()

    /// Spreads this share of each label over all classes; 0 to below 1.
    let labelSmoothing (share: float) (_: ClassificationSpec) = ClassificationSpec share

/// Gray images of your own in MNIST's layout, for `data`: `Idx.at "data/digits" |> Data.takeTrain 640`.
[<RequireQualifiedAccess>]
module Idx =
    /// The folder holds train-images-idx3-ubyte, train-labels-idx1-ubyte and the two of t10k; datasets.md says more.
    let at folder = DataSpec("idx", Folder = folder)

/// CIFAR's 32x32 color images, for `data`: `Cifar.hundred "data/cifar-100"`.
[<RequireQualifiedAccess>]
module Cifar =
    /// CIFAR-10: the binary version's archive, its folder, or one that it was unpacked to.
    let ten place = DataSpec("cifar-10", Folder = place)

    /// CIFAR-100, by its 100 fine labels, likewise.
    let hundred place = DataSpec("cifar-100", Folder = place)

    /// Another share of each class's training images than a tenth is validation. 0 takes all of them, as papers do, and reports the
    /// test images as validation: choose no epoch by them.
    let holdOut (share: float) (spec: DataSpec) = spec.HoldingOut share

/// Images in folders that are called by their class, ImageNet's layout, for `data`: `ImageFolder.at "data/flowers"`.
[<RequireQualifiedAccess>]
module ImageFolder =
    /// The folder holds train/CLASS/*.jpg and val/CLASS/*.jpg; datasets.md says more. Networks are measured on the middle of
    /// 224x224 pixels of images whose shorter side was resized to 256.
    let at folder =
        DataSpec("image-folder", Folder = folder)

    /// Writes Fashion-MNIST's garments in this layout, to try what is made for ImageNet, and names them; so many images of each
    /// split, 28x28 gray JPEGs: `ImageFolder.fashion "artifacts/fashion-folder" 5000 1000 1000`.
    let fashion folder (train: int) (validation: int) (test: int) =
        FashionFolder.Write(folder, FashionFolderOptions(Nullable train, Nullable validation, Nullable test))
        |> ignore

        (at folder).Sized 28

    /// ImageNet-1K, unpacked so.
    let imagenet folder = DataSpec("imagenet", Folder = folder)

    /// Another size of what networks are measured on; the shorter side is resized to 8/7 of it.
    let size (pixels: int) (spec: DataSpec) = spec.Sized pixels

    /// Another size, and what the shorter side is resized to: `ImageFolder.resized 288 256`.
    let resized (shorter: int) (pixels: int) (spec: DataSpec) = spec.Sized(pixels, Nullable shorter)

    /// A share of each class's training images is validation, where there is no folder val: `ImageFolder.holdOut 0.1`.
    let holdOut (share: float) (spec: DataSpec) = spec.HoldingOut share

    /// Images that cannot be read are left out and counted in the manifest.
    let skipDamaged (spec: DataSpec) = spec.SkippingDamaged()

/// Augmentations of images with one class each, for `augment`: `Photo.crop 224 |> Photo.views 4`.
[<RequireQualifiedAccess>]
module Photo =
    let private copy (a: RandomResizedCrop) scale ratio flip views seed =
        let smallest, largest = defaultArg scale (a.MinScale, a.MaxScale)
        let narrowest, widest = defaultArg ratio (a.MinRatio, a.MaxRatio)

        RandomResizedCrop(
            a.Size,
            smallest,
            largest,
            narrowest,
            widest,
            defaultArg flip a.Flip,
            defaultArg views a.Views,
            defaultArg seed a.Seed
        )

    /// A crop of 0.08 to 1 of the image's area, 3/4 to 4/3 times as wide as high, resized to this height and width, and mirror
    /// images: torchvision's RandomResizedCrop and RandomHorizontalFlip.
    let crop (size: int) = RandomResizedCrop size

    /// Other shares of the image's area: `Photo.scale 0.25 1.0`.
    let scale smallest largest a =
        copy a (Some(smallest, largest)) None None None None

    /// Other widths over heights: `Photo.ratio 0.8 1.25`.
    let ratio narrowest widest a =
        copy a None (Some(narrowest, widest)) None None None

    /// No mirror images.
    let withoutFlip a = copy a None None (Some false) None None

    /// A fixed number of views of each image, the same for every seed of an experiment: epochs take turns with them.
    let views count a =
        copy a None None None (Some count) (Some(Nullable 0))

    /// Random brightness, contrast, saturation (factors of 1 minus to 1 plus each) and hue (up to 0.5 of the circle), as torchvision's
    /// ColorJitter: `Photo.crop 224 |> andThen (Photo.colors 0.4 0.4 0.4 0.1)`.
    let colors brightness contrast saturation hue =
        ColorJitter(brightness, contrast, saturation, hue)

    /// So many random operations of this strength (0 to 30), as torchvision's RandAugment: `andThen (Photo.randAugment 2 9)`.
    let randAugment (operations: int) (magnitude: int) = RandAugment(operations, magnitude)

    /// Mixes each image of a batch, and its class, with the one before it by a share of Beta(alpha, alpha): `andThen (Photo.mixup 0.2)`,
    /// last. The teacher sees the mixed images, too; it must be live.
    let mixup (alpha: float) = BatchMix(MixUp = alpha)

    /// Puts a rectangle of the one before it into each image of a batch: `andThen (Photo.cutmix 1.0)`, last.
    let cutmix (alpha: float) = BatchMix(CutMix = alpha)

    /// One of both by chance for each batch, by their alphas.
    let mixupOrCutmix (alpha: float) (cut: float) = BatchMix(alpha, cut)
