namespace KdNotebooks.Properties

/// Laws of size and of scale, one function each: how a loss goes with more of the same, and with a factor.
[<RequireQualifiedAccess>]
module LawInvariant =
    let private again times count =
        Array.concat (Array.replicate times [| 0 .. count - 1 |])

    // A small number beside a denominator may weigh a little more or less.
    let private tolerance = { Relative = 1e-4; Absolute = 1e-5 }

    let private both change (pair: IPair) =
        pair.With(change pair.Student, change pair.Teacher, pair.Labels)

    let private repeatAxis axis times (numbers: Numbers) =
        Numbers.take axis (again times numbers.Shape[axis]) numbers

    /// The same images so many times over do not matter.
    let batchRepeated (loss: Loss) (pair: IPair) (times: int) =
        Pair.takeImages (again times (Pair.images pair)) pair
        |> Evaluate.unchanged tolerance loss pair $"with its images {times} times over"

    /// The same channels so many times over, the student's and the teacher's, do not matter.
    let channelsRepeated (loss: Loss) (pair: IPair) (times: int) =
        both (repeatAxis 1 times) pair
        |> Evaluate.unchanged tolerance loss pair $"with its channels {times} times over"

    /// Both maps laid out so many times beside themselves, along both axes, do not matter.
    let mapsTiled (loss: Loss) (pair: IPair) (times: int) =
        both (repeatAxis 2 times >> repeatAxis 3 times) pair
        |> Evaluate.unchanged tolerance loss pair $"with its maps laid out {times} x {times} times"

    let private comesOut tolerance loss pair (what: string) (expected: float -> float) (otherLoss, otherPair) =
        Evaluate.guarded loss pair (fun () ->
            let before, after = Evaluate.value loss pair, Evaluate.value otherLoss otherPair
            let expected = expected before

            if Evaluate.near tolerance expected after then
                Finding.Held
            else
                let after, expected = Text.two after expected
                Finding.Broken $"the loss is {Text.number before}; {what} it is {after}, expected {expected}")

    let private scaled factor =
        both (Numbers.map (fun value -> factor * value))

    /// A positive factor on both comes out to a power: homogeneous of that degree.
    let homogeneous (degree: float) (loss: Loss) (pair: IPair) (PositiveScale factor) =
        // Of degree 0 are losses with a small number beside a denominator.
        let tolerance = if degree = 0.0 then Tolerance.Scaled else tolerance

        (loss, scaled factor pair)
        |> comesOut tolerance loss pair $"with both times {Text.number factor}" (fun before ->
            before * factor ** degree)

    /// A factor on student, teacher and temperature comes out squared.
    let temperatureScale (lossAt: float -> Loss) (pair: IPair) (Temperature temperature, PositiveScale factor) =
        (lossAt (temperature * factor), scaled factor pair)
        |> comesOut
            tolerance
            (lossAt temperature)
            pair
            $"at temperature {Text.number temperature}, both and the temperature times {Text.number factor},"
            (fun before -> before * factor * factor)

    // How high is high: what is left of higher powers is a thousandth, and rounding less.
    let private high = 3e3

    /// At a high temperature it is half the mean squared difference of the rows that are softened, each without its
    /// mean: a row of logits, or a channel's positions.
    let temperatureLimit (lossAt: float -> Loss) (pair: IPair) =
        let loss = lossAt high

        Evaluate.guarded loss pair (fun () ->
            let rows (numbers: Numbers) =
                let size =
                    Numbers.size (numbers.Shape |> List.skip (if numbers.Shape.Length = 4 then 2 else 1))

                Array.chunkBySize size numbers.Values |> Array.map Plain.centred

            let expected =
                Plain.meanOver Plain.square (rows pair.Student) (rows pair.Teacher) / 2.0

            let actual = Evaluate.value loss pair

            if Evaluate.near { Relative = 1e-2; Absolute = 1e-5 } expected actual then
                Finding.Held
            else
                let actual, expected = Text.two actual expected

                Finding.Broken
                    $"at temperature {high} the loss is {actual}; half the mean squared difference, which it tends to, \
                    is {expected}")
