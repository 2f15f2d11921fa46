namespace KdNotebooks.FSharp

open KdNotebooks.Distillation
open KdNotebooks.Weights
open KdNotebooks.Losses

/// Whole protocols by name, each with its source; change what you like: `recipe.With(seed = 2)`.
[<RequireQualifiedAccess>]
module Recipes =
    let private protocol folder =
        distill {
            data (Cityscapes.at folder)
            task segmentation
            student (Segmenter.psp 18 64)
            augment (Scene.crop 512 512)
            optimizer (Optimizer.sgd (0.01, momentum = 0.9, weightDecay = 5e-4))
            schedule (Schedule.polynomial (power = 0.9, floor = 0.01))
            iterations 40000
            epochs 10
            batchSize 8
        }

    /// The paper's segmentation experiment on Cityscapes in this folder: PSPNet-R18 whose backbone's last map is held
    /// to PSPNet-R101's by the channel-wise MLP; 40,000 iterations at a polynomial rate, measured after each 4,000, as
    /// mmsegmentation's schedule_40k and MGD's code have it (docs/method.md, 2.1 and 2.2). The paper says neither its
    /// weight nor its batch: 2e-5 of the sum over a batch is MGD's, 8 images are ours. `teacher` is a file that
    /// training `cityscapesTeacher` left, `backbone` ResNet-18-v1c trained on ImageNet (datasets.md says from where).
    let cityscapes folder (teacher: string) (backbone: string) =
        let held =
            Connection("backbone.layer4", "backbone.layer4", channelMlp 1, l2 Reduction.SumPerBatch, 2e-5)

        (protocol folder)
            .With(
                ``method`` = "mlp-1",
                teacher = Pretrained.model teacher,
                connections = [| held |],
                initial = InitialWeights backbone
            )

    /// The teacher of that experiment by the same protocol: PSPNet-R101, from a ResNet-101-v1c trained on ImageNet.
    let cityscapesTeacher folder (backbone: string) =
        (protocol folder)
            .With(``method`` = "teacher", student = Segmenter.psp 101 64, initial = InitialWeights backbone)
