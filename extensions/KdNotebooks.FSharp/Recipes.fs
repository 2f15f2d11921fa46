namespace KdNotebooks.FSharp

open KdNotebooks.Analysis
open KdNotebooks.Recipes
open KdNotebooks.Runs
open KdNotebooks.Weights

/// Whole protocols by name, each with its source; change what you like: `recipe.With(seed = 2)`.
[<RequireQualifiedAccess>]
module Recipes =
    /// The published protocol of this name: `Recipes.named "coco-faster-rcnn-r50-mgd"`. `kd recipes` lists them, and
    /// `kd recipes NAME` says of each field where it was read. Its paths are below "data" and "artifacts"; others by
    /// `.With(data = Coco.folder "elsewhere")`.
    let named (name: string) = NamedRecipes.Find(name).Recipe

    /// The names that `named` takes.
    let names = List.ofSeq NamedRecipes.Names

    /// How well founded each field of a named recipe is, what is not known, what was published, what it needs.
    let about (name: string) = NamedRecipes.Find name

    /// What others published of a pair, beside the means that a result has under the same methods' names; of other data, mostly, so
    /// that no difference is taken: `Recipes.publishedBeside "imagenet/resnet50-mobilenet_v1" result`.
    let publishedBeside (pair: string) (result: ExperimentResult) = PublishedTable.Of(pair, result.Table)

    /// The paper's segmentation experiment on Cityscapes in this folder: PSPNet-R18 whose backbone's last map is held
    /// to PSPNet-R101's by the channel-wise MLP; 40,000 iterations at a polynomial rate, measured after each 4,000, as
    /// mmsegmentation's schedule_40k and MGD's code have it (docs/method.md, 2.1 and 2.2). The paper says neither its
    /// weight nor its batch: 2e-5 of the sum over a batch is MGD's, 8 images are ours. `teacher` is a file that
    /// training `cityscapesTeacher` left, `backbone` ResNet-18-v1c trained on ImageNet (datasets.md says from where).
    let cityscapes folder (teacher: string) (backbone: string) =
        (named "cityscapes-pspnet-r18-mlp")
            .With(data = Cityscapes.at folder, teacher = Pretrained.model teacher, initial = InitialWeights backbone)

    /// The teacher of that experiment by the same protocol: PSPNet-R101, from a ResNet-101-v1c trained on ImageNet.
    let cityscapesTeacher folder (backbone: string) =
        (named "cityscapes-pspnet-r101").With(data = Cityscapes.at folder, initial = InitialWeights backbone)
