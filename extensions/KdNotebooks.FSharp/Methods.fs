namespace KdNotebooks.FSharp

open System
open KdNotebooks.Aligners
open KdNotebooks.Losses
open KdNotebooks.Training

/// For `activation`: `Activation.GELU`.
type Activation = KdNotebooks.Aligners.Activation

/// For `l2`: `Reduction.SumPerBatch` (the papers') or `Reduction.Mean`. Alpha belongs to it.
type Reduction = KdNotebooks.Losses.Reduction

/// For `spatial`: `SpatialPolicy.Resize`.
type SpatialPolicy = KdNotebooks.Aligners.SpatialPolicy

/// Aligners for `connect` and `using`: `channelMlp 1 |> hidden 64 |> activation Activation.GELU |> withoutBias`.
[<AutoOpen>]
module Aligners =
    /// The paper's aligner: 1x1 convolutions with ReLU between them, this many hidden layers as wide as the teacher.
    let channelMlp depth = ChannelMlp depth

    /// Another width for every hidden layer.
    let hidden (channels: int) (a: ChannelMlp) =
        ChannelMlp(a.Depth, Nullable channels, a.Activation, a.Bias)

    /// Something else than ReLU behind every hidden layer.
    let activation (kind: Activation) (a: ChannelMlp) =
        ChannelMlp(a.Depth, a.Hidden, kind, a.Bias)

    /// Convolutions without a bias.
    let withoutBias (a: ChannelMlp) =
        ChannelMlp(a.Depth, a.Hidden, a.Activation, false)

    /// One 1x1 convolution.
    let linearAligner: IAligner = Linear()

/// Losses for `compare` and `logits`.
[<AutoOpen>]
module Losses =
    /// The squared difference: `compare (l2 Reduction.SumPerBatch)`.
    let l2 reduction : IFeatureLoss = SquaredL2 reduction

    /// Softened-logit distillation at this temperature: `logits (kd 4.0) 0.9`.
    let kd temperature : ILogitLoss = SoftTargets temperature

/// Optimisers for `optimiser`: `Optimiser.sgd(0.05, nesterov = true)`. What is left out keeps the core's default.
[<AbstractClass; Sealed>]
type Optimiser =
    /// Stochastic gradient descent; by default momentum 0.9 and weight decay 5e-4.
    static member sgd(learningRate, ?momentum, ?weightDecay, ?nesterov) : IOptimiser =
        Sgd(learningRate, ?Momentum = momentum, ?WeightDecay = weightDecay, ?Nesterov = nesterov)

    /// Adam with decoupled weight decay; by default betas 0.9 and 0.999, epsilon 1e-8 and weight decay 1e-2.
    static member adamw(learningRate, ?beta1, ?beta2, ?epsilon, ?weightDecay) : IOptimiser =
        AdamW(learningRate, ?Beta1 = beta1, ?Beta2 = beta2, ?Epsilon = epsilon, ?WeightDecay = weightDecay)

/// Schedules for `schedule`: `Schedule.warmUp (100, Schedule.multiStep [ 30; 60 ])`.
[<AbstractClass; Sealed>]
type Schedule =
    /// The same learning rate throughout.
    static member constant: ISchedule = Constant()

    /// Half a cosine from the learning rate down to this part of it, by default 0.
    static member cosine(?floor) : ISchedule = Cosine(?Floor = floor)

    /// Multiplied by gamma, by default 0.1, after each of these epochs.
    static member multiStep(epochs: int list, ?gamma) : ISchedule = MultiStep(epochs, ?Gamma = gamma)

    /// (1 - step / steps) to a power, by default 0.9, never below a floor.
    static member polynomial(?power, ?floor) : ISchedule =
        Polynomial(?Power = power, ?Floor = floor)

    /// A straight line up to another schedule over the first steps, from this part of it, by default 0.001.
    static member warmUp(steps, next: ISchedule, ?start) : ISchedule = WarmUp(steps, next, ?Start = start)
