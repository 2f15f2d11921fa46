namespace KdNotebooks.FSharp

open System
open KdNotebooks.Aligners
open KdNotebooks.Losses
open KdNotebooks.Training

/// For `activation`: `Activation.GELU`.
type Activation = KdNotebooks.Aligners.Activation

/// For `initialized`: `Initialization.KaimingFanOut`.
type Initialization = KdNotebooks.Aligners.Initialization

/// For `l2`: `Reduction.SumPerBatch` (the papers') or `Reduction.Mean`. Alpha belongs to it.
type Reduction = KdNotebooks.Losses.Reduction

/// For `spatial`: `SpatialPolicy.Resize`.
type SpatialPolicy = KdNotebooks.Aligners.SpatialPolicy

/// Aligners for `connect` and `via`: `channelMlp 1 |> hidden 64 |> activation Activation.GELU |> withoutBias`.
[<AutoOpen>]
module Aligners =
    type ChannelMlp with

        // A copy with the named options changed: every word goes through it, so that none forgets an option.
        member internal a.With(?hidden, ?activation, ?bias, ?ratio, ?alignFirst, ?initialization) =
            ChannelMlp(
                Depth = a.Depth,
                Hidden = defaultArg hidden a.Hidden,
                Activation = defaultArg activation a.Activation,
                Bias = defaultArg bias a.Bias,
                Ratio = defaultArg ratio a.Ratio,
                AlignFirst = defaultArg alignFirst a.AlignFirst,
                Initialization = defaultArg initialization a.Initialization
            )

    /// The paper's aligner: 1x1 convolutions with ReLU between them, this many hidden layers as wide as the teacher.
    let channelMlp depth = ChannelMlp depth

    /// Another width for every hidden layer.
    let hidden (channels: int) (a: ChannelMlp) = a.With(hidden = Nullable channels)

    /// Another width for every hidden layer, as a multiple of the teacher's channels: `ratio 0.5`.
    let ratio (width: float) (a: ChannelMlp) = a.With(ratio = Nullable width)

    /// Something else than ReLU behind every hidden layer.
    let activation (kind: Activation) (a: ChannelMlp) = a.With(activation = kind)

    /// Convolutions without a bias.
    let withoutBias (a: ChannelMlp) = a.With(bias = false)

    /// A 1x1 convolution without a bias in front, from the student's channels to the teacher's.
    let alignFirst (a: ChannelMlp) = a.With(alignFirst = true)

    /// Another start for all weights: `initialized Initialization.KaimingFanOut`.
    let initialized (how: Initialization) (a: ChannelMlp) = a.With(initialization = how)

    /// One 1x1 convolution.
    let linearAligner: IAligner = Linear()

    /// The student's map as it is, for losses that compare maps of any channels.
    let identityAligner: IAligner = Identity()

    /// 3x3, ReLU, 3x3: MGD's without its mask.
    let spatialMlp: IAligner = SpatialMlp()

    /// MGD's for classification: each channel is masked with this probability (its authors': 0.15), then `spatialMlp`.
    let maskedChannels ratio : IAligner =
        MaskedGenerative(ratio, MaskKind.Channel)

    /// MGD's for detection and segmentation: each position is masked with this probability (its authors': 0.45 to
    /// 0.75), then `spatialMlp`.
    let maskedPositions ratio : IAligner =
        MaskedGenerative(ratio, MaskKind.Spatial)

    /// Global context through a bottleneck that is narrower by this factor (FGD's: 2), added to every position.
    let nonLocal reduction : IAligner = NonLocal reduction

    /// A 1x1 convolution and a batch normalization without weights: SRD's.
    let bnLinear: IAligner = BatchNormLinear()

    /// A 1x1 convolution whose matrix stays orthogonal: VkD's.
    let orthogonalAligner: IAligner = OrthogonalLinear()

    /// The mean of this many projectors (PEFD's: 3), each a 1x1 convolution and a ReLU.
    let projectorEnsemble count : IAligner = ProjectorEnsemble count

    /// FitNet's regressor: 1x1 convolution, batch normalization, ReLU.
    let convReg: IAligner = ConvReg()

    /// FitNet's regressor for a teacher's map from before its ReLU.
    let convRegWithoutRelu: IAligner = ConvReg(Relu = false)

/// Losses for `compare` and `logits`.
[<AutoOpen>]
module Losses =
    /// The squared difference: `compare (l2 Reduction.SumPerBatch)`.
    let l2 reduction : IFeatureLoss = L2Loss reduction

    /// Correlation congruence between the features themselves: `CcLoss() |> withoutEmbedding`.
    let withoutEmbedding (_: CcLoss) = CcLoss(Embedding = Nullable())

    /// Softened-logit distillation at this temperature: `logits (kd 4.0) 0.9`.
    let kd temperature : ILogitLoss = KdLoss temperature

/// Optimizers for `optimizer`: `Optimizer.sgd(0.05, nesterov = true)`. What is left out keeps the core's default.
[<AbstractClass; Sealed>]
type Optimizer =
    /// Stochastic gradient descent; by default momentum 0.9 and weight decay 5e-4.
    static member sgd(learningRate, ?momentum, ?weightDecay, ?nesterov) : IOptimizer =
        Sgd(learningRate, ?Momentum = momentum, ?WeightDecay = weightDecay, ?Nesterov = nesterov)

    /// Adam with decoupled weight decay; by default betas 0.9 and 0.999, epsilon 1e-8 and weight decay 1e-2.
    static member adamw(learningRate, ?beta1, ?beta2, ?epsilon, ?weightDecay) : IOptimizer =
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
