namespace KdNotebooks.FSharp

open System
open KdNotebooks.Aligners
open KdNotebooks.Data
open KdNotebooks.Datasets
open KdNotebooks.Losses
open KdNotebooks.Models
open KdNotebooks.Parts
open KdNotebooks.Training
open TorchSharp
open TorchSharp.Modules

/// Parts of your own, beside ours in every recipe: each word registers a function under a name and gives what
/// `compare`, `connect`, `student` and the others take. A run's id holds a fingerprint of the code: change it, and it
/// is another run.
[<RequireQualifiedAccess>]
module Own =
    // Only the result leaves: what is made on the way is disposed of.
    let private scoped (compute: unit -> torch.Tensor) =
        use scope = torch.NewDisposeScope()
        compute().MoveToOuterDisposeScope()

    /// A loss of feature maps that it can compare: `Own.lossOf MapFit.Any "gram" (fun student teacher -> ...)`. The
    /// function gets [N, C, H, W] each and gives one number; it detaches the teacher itself.
    let lossOf (fit: MapFit) (name: string) (loss: torch.Tensor -> torch.Tensor -> torch.Tensor) : IFeatureLoss =
        let compute =
            Func<_, _, _>(fun student teacher -> scoped (fun () -> loss student teacher))

        OwnParts.Register<IFeatureLoss>(name, OwnLoss(name, compute, fit))

    /// A loss of feature maps of one shape:
    /// `Own.loss "mine" (fun student teacher -> (student - teacher.detach()).abs().mean())`.
    let loss name (loss: torch.Tensor -> torch.Tensor -> torch.Tensor) = lossOf MapFit.SameShape name loss

    /// A loss of logits [N, K]; it may look at the labels, [N] int64:
    /// `Own.logitLoss "mine" (fun student teacher labels -> ...)`.
    let logitLoss (name: string) (loss: torch.Tensor -> torch.Tensor -> torch.Tensor -> torch.Tensor) : ILogitLoss =
        let compute =
            Func<_, _, _, _>(fun student teacher labels -> scoped (fun () -> loss student teacher labels))

        OwnParts.Register<ILogitLoss>(name, OwnLogitLoss(name, compute))

    /// An aligner: from the student's channels and the teacher's to a module from [N, C_s, H, W] to [N, C_t, H, W]:
    /// `Own.aligner "wide" (fun ours theirs -> torch.nn.Conv2d(ours, theirs, 3L, padding = 1L))`.
    let aligner (name: string) (build: int64 -> int64 -> #torch.nn.Module<torch.Tensor, torch.Tensor>) : IAligner =
        let build =
            Func<_, _, _>(fun ours theirs -> build ours theirs :> torch.nn.Module<torch.Tensor, torch.Tensor>)

        OwnParts.Register<IAligner>(name, OwnAligner(name, build))

    /// A model: from an image's channels and the number of classes to any module of TorchSharp:
    /// `student (Own.model "tiny" (fun channels classes -> torch.nn.Sequential(...)))`.
    let model (name: string) (build: int -> int -> #torch.nn.Module) : IModelSpec =
        let build =
            Func<_, _, _>(fun channels classes -> build channels classes :> torch.nn.Module)

        OwnParts.Register<IModelSpec>(name, OwnModel(name, build))

    /// An optimizer at a learning rate: `Own.optimizer "rms" 0.01 (fun parameters rate -> torch.optim.RMSProp(...))`.
    let optimizer
        (name: string)
        (learningRate: float)
        (build: Parameter seq -> float -> #torch.optim.Optimizer)
        : IOptimizer =
        let build =
            Func<_, _, _>(fun parameters rate -> build parameters rate :> torch.optim.Optimizer)

        OwnParts.Register<IOptimizer>(name, OwnOptimizer(name, learningRate, build))

    /// What the learning rate is multiplied by at a step (from 0) of so many, with so many steps an epoch:
    /// `Own.schedule "half" (fun step steps _ -> if 2 * step < steps then 1.0 else 0.1)`.
    let schedule (name: string) (factor: int -> int -> int -> float) : ISchedule =
        OwnParts.Register<ISchedule>(
            name,
            OwnSchedule(name, Func<_, _, _, _>(fun step steps stepsPerEpoch -> factor step steps stepsPerEpoch))
        )

    /// A dataset: `data (Own.data "mine" images)`, or a part of it by `FashionMnist.take`.
    let data (name: string) (dataset: Dataset) =
        KnownDatasets.Register(name, dataset)
        DataSpec name

    /// An augmentation: from a sample and what its numbers are drawn from to another sample of the same size. It must be a
    /// function of the two alone: `Own.augmentation "darker" (fun sample draw -> ...)`.
    let augmentation (name: string) (change: Sample -> Draw -> Sample) : IAugmentation =
        OwnParts.Register<IAugmentation>(
            name,
            OwnAugmentation(name, Func<_, _, _>(fun sample draw -> change sample draw))
        )

    /// A value of a type of your own: `Own.part<ISchedule> "saw" (Saw 3)`. Where the type's constructor takes only
    /// data, each from a member of the same name, a recipe's JSON holds them as options.
    let part<'face when 'face: not struct and 'face: not null> (name: string) (value: 'face) : 'face =
        OwnParts.Register<'face>(name, value)
