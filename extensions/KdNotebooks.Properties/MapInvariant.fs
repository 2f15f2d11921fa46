namespace KdNotebooks.Properties

open KdNotebooks.Losses

/// What holds for some losses of feature maps, one function each. What changes is the student's map.
[<RequireQualifiedAccess>]
module MapInvariant =
    let private unchanged tolerance loss (maps: FeatureMaps) what student =
        Pair.withStudent student maps |> Evaluate.unchanged tolerance loss maps what

    let private channels (maps: FeatureMaps) = maps.Student.Shape[1]

    /// The order of the student's channels does not matter.
    let channelOrder (loss: Loss) (maps: FeatureMaps) (ChannelPermutation permutation) =
        let order = permutation.Of(channels maps)

        Numbers.take 1 order maps.Student
        |> unchanged Tolerance.Exact loss maps $"with the student's channels in the order {Text.order order}"

    /// A positive factor on the student's map does not matter.
    let positiveScale (loss: Loss) (maps: FeatureMaps) (PositiveScale factor) =
        maps.Student
        |> Numbers.map (fun value -> factor * value)
        |> unchanged Tolerance.Scaled loss maps $"with the student's map times {Text.number factor}"

    /// An orthogonal map of the student's channels, the same at each position, does not matter.
    let orthogonal (loss: Loss) (maps: FeatureMaps) (map: Orthogonal) =
        Numbers.mix 1 (map.Of(channels maps)) maps.Student
        |> unchanged Tolerance.Exact loss maps "with the student's channels turned"

    /// A positive affine map of each of the student's channels does not matter.
    let channelAffine (loss: Loss) (maps: FeatureMaps) (affine: PositiveAffine) =
        maps.Student
        |> Numbers.mapi 1 (fun channel value -> affine.Apply(channel, value))
        |> unchanged Tolerance.Scaled loss maps "with the student's channels mapped"

    /// A number added to each of the student's channels does not matter.
    let channelShift (loss: Loss) (maps: FeatureMaps) (shifts: Shifts) =
        maps.Student
        |> Numbers.mapi 1 (fun channel value -> value + shifts.Of channel)
        |> unchanged Tolerance.Exact loss maps "with the student's channels shifted"

    /// A rotation, translation and scaling of the student's channels, all images and positions alike, does not matter.
    let similarity (loss: Loss) (maps: FeatureMaps) (similarity: Similarity) =
        Numbers.mix 1 (similarity.Turn.Of(channels maps)) maps.Student
        |> Numbers.mapi 1 (fun channel value -> similarity.Factor * value + similarity.Shift.Of channel)
        |> unchanged Tolerance.Scaled loss maps "with the student's channels turned, scaled and shifted"

    /// The sum for each image is the mean times C H W.
    let sumIsMeanTimesSize (loss: IReducible) (maps: FeatureMaps) =
        let reduced reduction =
            let reduced = loss.With reduction
            Loss.unlabelled (fun student teacher -> reduced.Compute(student, teacher))

        let sum, mean = reduced Reduction.SumPerBatch, reduced Reduction.Mean

        Evaluate.guarded sum maps (fun () ->
            let size = Numbers.size maps.Student.Shape.Tail
            let whole = Evaluate.value sum maps
            let expected = float size * Evaluate.value mean maps

            if Evaluate.near Tolerance.Exact expected whole then
                Finding.Held
            else
                let expected, whole = Text.two expected whole
                Finding.Broken $"the sum for each image is {whole}; its mean times the {size} numbers is {expected}")
