module KdNotebooks.FSharp.Tests.MethodsTests

open System
open KdNotebooks.Aligners
open KdNotebooks.FSharp
open KdNotebooks.Losses
open KdNotebooks.Training
open Xunit

[<Fact>]
let ``A channel MLP is written from left to right, each word for its own part`` () =
    Assert.Equal(ChannelMlp 2, channelMlp 2)
    Assert.Equal(ChannelMlp(2, Nullable 64), channelMlp 2 |> hidden 64)
    Assert.Equal(ChannelMlp(2, Activation = Activation.GELU), channelMlp 2 |> activation Activation.GELU)
    Assert.Equal(ChannelMlp(2, Bias = false), channelMlp 2 |> withoutBias)

    let whole = ChannelMlp(2, Nullable 64, Activation.SiLU, false)
    Assert.Equal(whole, channelMlp 2 |> hidden 64 |> activation Activation.SiLU |> withoutBias)
    Assert.Equal(whole, channelMlp 2 |> withoutBias |> activation Activation.SiLU |> hidden 64)

// Each word keeps what it does not speak of: a field that ChannelMlp gets later must not be forgotten by one.
[<Fact>]
let ``Every word of the channel MLP keeps every other field`` () =
    let start = ChannelMlp(3, Nullable 5, Activation.SiLU, true)

    let changed =
        [
            "Hidden", start |> hidden 6
            "Activation", start |> activation Activation.GELU
            "Bias", start |> withoutBias
        ]

    for field in Samples.fields typeof<ChannelMlp> do
        Assert.True(
            (field.Name = "Bias" || field.GetValue start <> field.GetValue(ChannelMlp())),
            $"{field.Name} hides"
        )

        for name, copy in changed do
            Assert.Equal((name <> field.Name), (field.GetValue start = field.GetValue copy))

[<Fact>]
let ``The other aligner and the losses are the core's`` () =
    Assert.Equal<IAligner>(Linear(), linearAligner)
    Assert.Equal<IFeatureLoss>(SquaredL2 Reduction.SumPerBatch, l2 Reduction.SumPerBatch)
    Assert.Equal<IFeatureLoss>(SquaredL2(), l2 Reduction.Mean)
    Assert.Equal<ILogitLoss>(SoftTargets 2.0, kd 2.0)

[<Fact>]
let ``Optimisers keep the core's defaults for what is left out`` () =
    Assert.Equal<IOptimiser>(Sgd 0.05, Optimiser.sgd 0.05)

    Assert.Equal<IOptimiser>(
        Sgd(0.05, 0.8, 1e-4, true),
        Optimiser.sgd (0.05, nesterov = true, weightDecay = 1e-4, momentum = 0.8)
    )

    Assert.Equal<IOptimiser>(AdamW 0.002, Optimiser.adamw 0.002)

    Assert.Equal<IOptimiser>(
        AdamW(0.002, 0.8, 0.99, 1e-7, 0.1),
        Optimiser.adamw (0.002, weightDecay = 0.1, epsilon = 1e-7, beta2 = 0.99, beta1 = 0.8)
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
