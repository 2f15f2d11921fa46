namespace KdNotebooks.FSharp

open KdNotebooks.Data
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

/// Gray images of your own in MNIST's layout, for `data`: `Idx.at "data/digits" |> Data.takeTrain 640`.
[<RequireQualifiedAccess>]
module Idx =
    /// The folder holds train-images-idx3-ubyte, train-labels-idx1-ubyte and the two of t10k; datasets.md says more.
    let at folder = DataSpec("idx", Folder = folder)
