module KdNotebooks.FSharp.Tests.MethodsTests

open System
open KdNotebooks.Aligners
open KdNotebooks.Catalogue
open KdNotebooks.FSharp
open KdNotebooks.Losses
open KdNotebooks.Training
open Xunit

[<Fact>]
let ``A channel MLP is written from left to right, each word for its own part`` () =
    Assert.Equal(ChannelMlp 2, channelMlp 2)
    Assert.Equal(ChannelMlp(2, Nullable 64), channelMlp 2 |> hidden 64)
    Assert.Equal(ChannelMlp(2, Ratio = Nullable 0.5), channelMlp 2 |> ratio 0.5)
    Assert.Equal(ChannelMlp(2, Activation = Activation.GELU), channelMlp 2 |> activation Activation.GELU)
    Assert.Equal(ChannelMlp(2, Bias = false), channelMlp 2 |> withoutBias)
    Assert.Equal(ChannelMlp(2, AlignFirst = true), channelMlp 2 |> alignFirst)

    Assert.Equal(
        ChannelMlp(2, Initialization = Initialization.Xavier),
        channelMlp 2 |> initialized Initialization.Xavier
    )

    let whole = ChannelMlp(2, Nullable 64, Activation.SiLU, false)
    Assert.Equal(whole, channelMlp 2 |> hidden 64 |> activation Activation.SiLU |> withoutBias)
    Assert.Equal(whole, channelMlp 2 |> withoutBias |> activation Activation.SiLU |> hidden 64)

// Each word keeps what it does not speak of: a field that ChannelMlp gets later must not be forgotten by one.
[<Fact>]
let ``Every word of the channel MLP keeps every other field`` () =
    let start =
        ChannelMlp(3, Nullable 5, Activation.SiLU, false, Nullable 0.25, true, Initialization.KaimingFanOut)

    let changed: (string * obj * ChannelMlp) list =
        [
            "Hidden", 6, start |> hidden 6
            "Ratio", 0.5, start |> ratio 0.5
            "Activation", Activation.GELU, start |> activation Activation.GELU
            "Bias", false, start |> withoutBias
            "AlignFirst", true, start |> alignFirst
            "Initialization", Initialization.Xavier, start |> initialized Initialization.Xavier
        ]

    for field in Samples.fields typeof<ChannelMlp> do
        Assert.NotEqual(field.GetValue(ChannelMlp()), field.GetValue start) // or a word that resets it would not show

        for name, value, copy in changed do
            let expected =
                if name = field.Name then
                    value
                else
                    nonNull (field.GetValue start)

            Assert.Equal(expected, field.GetValue copy)

[<Fact>]
let ``Every other aligner of the core has a word, and the losses are the core's`` () =
    let words =
        [
            linearAligner, Linear() :> IAligner
            identityAligner, Identity()
            spatialMlp, SpatialMlp()
            maskedChannels 0.2, MaskedGenerative(0.2, MaskKind.Channel)
            maskedPositions 0.65, MaskedGenerative(0.65, MaskKind.Spatial)
            nonLocal 4, NonLocal 4
            bnLinear, BatchNormLinear()
            orthogonalAligner, OrthogonalLinear()
            projectorEnsemble 5, ProjectorEnsemble 5
            convReg, ConvReg()
            convRegWithoutRelu, ConvReg false
        ]

    for word, aligner in words do
        Assert.Equal<IAligner>(aligner, word)

    let named =
        (typeof<ChannelMlp> :: (words |> List.map (fun (word, _) -> word.GetType())))
        |> List.distinct

    let known =
        PartKinds.All[typeof<IAligner>] |> Seq.map (fun struct (_, kind) -> kind)

    Assert.Empty(known |> Seq.filter (fun kind -> not (Seq.contains kind named)))

    Assert.Equal<IFeatureLoss>(L2Loss Reduction.SumPerBatch, l2 Reduction.SumPerBatch)
    Assert.Equal<IFeatureLoss>(L2Loss(), l2 Reduction.Mean)
    Assert.Equal<ILogitLoss>(KdLoss 2.0, kd 2.0)
    Assert.Equal(CcLoss(Nullable()), CcLoss() |> withoutEmbedding)

[<Fact>]
let ``Optimizers keep the core's defaults for what is left out`` () =
    Assert.Equal<IOptimizer>(Sgd 0.05, Optimizer.sgd 0.05)

    Assert.Equal<IOptimizer>(
        Sgd(0.05, 0.8, 1e-4, true),
        Optimizer.sgd (0.05, nesterov = true, weightDecay = 1e-4, momentum = 0.8)
    )

    Assert.Equal<IOptimizer>(AdamW 0.002, Optimizer.adamw 0.002)

    Assert.Equal<IOptimizer>(
        AdamW(0.002, 0.8, 0.99, 1e-7, 0.1),
        Optimizer.adamw (0.002, weightDecay = 0.1, epsilon = 1e-7, beta2 = 0.99, beta1 = 0.8)
    )

[<Fact>]
let ``Schedules keep the core's defaults for what is left out`` () =
    Assert.Equal<ISchedule>(Constant(), Schedule.constant)
    Assert.Equal<ISchedule>(Cosine(), Schedule.cosine ())
    Assert.Equal<ISchedule>(Cosine 0.1, Schedule.cosine (floor = 0.1))
    Assert.Equal<ISchedule>(Polynomial(), Schedule.polynomial ())
    Assert.Equal<ISchedule>(Polynomial(2.0, 0.1), Schedule.polynomial (2.0, floor = 0.1))
    let steps = Schedule.multiStep [ 30; 60 ] :?> MultiStep
    Assert.Equal<int seq>([ 30; 60 ], steps.Epochs)
    Assert.Equal(0.1, steps.Gamma)
    Assert.Equal(0.2, (Schedule.multiStep ([ 30 ], gamma = 0.2) :?> MultiStep).Gamma)
    Assert.Equal<ISchedule>(WarmUp(100, Cosine()), Schedule.warmUp (100, Schedule.cosine ()))
    Assert.Equal<ISchedule>(WarmUp(100, Constant(), 0.5), Schedule.warmUp (100, Schedule.constant, start = 0.5))

[<Fact>]
let ``A channel MLP stands wherever an aligner is wanted`` () =
    let pick depth =
        if depth = 0 then linearAligner else channelMlp depth

    let aligners = [ linearAligner; channelMlp 1; pick 0; pick 2 ]
    Assert.Equal<string list>([ "linear"; "mlp-1"; "linear"; "mlp-2" ], aligners |> List.map _.Name)
