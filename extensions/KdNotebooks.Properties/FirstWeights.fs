namespace KdNotebooks.Properties

open System
open KdNotebooks.Aligners
open KdNotebooks.Losses
open KdNotebooks.Runtime
open TorchSharp

/// Whether what is built starts as its documentation says. Drawn weights are seen by their bound and their mean square,
/// which for so many numbers are near what they should be, or they are drawn otherwise.
module internal FirstWeights =
    exception private Other of message: string

    let private other name message = raise (Other $"{name} {message}")

    // So many deviations of an average do not happen by chance.
    let private sure = 5.0

    let private meanSquare name (values: float[]) expected spread =
        let found = values |> Array.averageBy Plain.square
        let share = sure * spread / sqrt (float values.Length)

        if abs (found - expected) > share * expected then
            other
                name
                $"has the root mean square {Text.number (sqrt found)}; expected {Text.number (sqrt expected)} or near"

    // Of a uniform number the square deviates by 0.9 of its mean, of a normal one by 1.4.
    let private uniform bound name (numbers: Numbers) =
        let most = Numbers.largest numbers

        if most > bound * 1.000001 then
            other name $"is up to {Text.number most}; expected at most {Text.number bound}"

        meanSquare name numbers.Values (bound * bound / 3.0) (sqrt 0.8)

    let private normal deviation name (numbers: Numbers) =
        meanSquare name numbers.Values (deviation * deviation) (sqrt 2.0)

        // A normal distribution has no bound where a uniform one of its size has.
        if numbers.Values.Length >= 500 && Numbers.largest numbers < 1.9 * deviation then
            other name $"is nowhere above {Text.number (Numbers.largest numbers)}; expected a normal distribution"

    let private all value name (numbers: Numbers) =
        match numbers.Values |> Array.tryFind (fun found -> found <> value) with
        | Some found -> other name $"starts at {Text.number found}; expected {Text.number value}"
        | None -> ()

    let private fanIn (weight: Numbers) = float (Numbers.size weight.Shape.Tail)

    let private fanOut (weight: Numbers) =
        float (weight.Shape[0] * Numbers.size (List.skip 2 weight.Shape))

    // A weight, and the bias that may follow it: PyTorch's layers, or as an aligner's option says.
    let private drawn initialization (parameters: (string * Numbers) list) =
        let bound weight = 1.0 / sqrt (fanIn weight)

        let rec from parameters =
            match parameters with
            | (name, weight: Numbers) :: rest ->
                match initialization with
                | Initialization.KaimingFanOut -> normal (sqrt (2.0 / fanOut weight)) name weight
                | Initialization.Xavier -> uniform (sqrt (6.0 / (fanIn weight + fanOut weight))) name weight
                | _ -> uniform (bound weight) name weight

                match rest with
                | (name, bias: Numbers) :: rest when bias.Shape.Length = 1 ->
                    if initialization = Initialization.Default then
                        uniform (bound weight) name bias
                    else
                        all 0.0 name bias

                    from rest
                | rest -> from rest
            | [] -> ()

        from parameters

    let private ordinary = drawn Initialization.Default

    let private named check (name, numbers) = check name numbers

    let private affine parameters =
        match parameters with
        | [ factor; shift ] ->
            named (all 1.0) factor
            named (all 0.0) shift
        | _ -> ()

    // The last of a number of parameters, and those before them.
    let private splitLast count parameters =
        List.splitAt (max 0 (List.length parameters - count)) parameters

    let private globalContext channels parameters =
        match parameters with
        | [ attention; squeeze; squeezeBias; factor; shift; expand; expandBias ] ->
            named (normal (sqrt (2.0 / float channels))) attention
            ordinary [ squeeze; squeezeBias ]
            affine [ factor; shift ]
            named (all 0.0) expand
            named (all 0.0) expandBias
        | others -> other "it" $"has {List.length others} weights; expected 7 for its context"

    let private nonLocal teacherChannels parameters =
        let front, context = splitLast 7 parameters
        ordinary front
        globalContext teacherChannels context

    let private orthogonal (weights: Weights) =
        for parameter in weights.Parameters do
            named (all 0.0) parameter

        for name, start in weights.Buffers do
            let columns = Array.transpose (Plain.rows start)

            for i in 0 .. columns.Length - 1 do
                for j in 0..i do
                    let product = Plain.dot columns[i] columns[j]
                    let expected = if i = j then 1.0 else 0.0

                    if abs (product - expected) > 1e-4 then
                        other
                            $"{name}: the product of columns {i} and {j}"
                            $"is {Text.number product}; expected {Text.number expected}"

    // Uniform over all of them: of one channel, as often -1 as 1.
    let private bothSigns (build: Build) seed =
        let sign attempt =
            use modul = Modules.seeded (seed + attempt) (fun () -> build 1L 1L)
            use scope = torch.NewDisposeScope()
            use quiet = torch.no_grad ()
            sign (modul.call(torch.ones ([| 1L; 1L; 1L; 1L |])).item<float32>())

        if Seq.init 40 (uint64 >> sign) |> Seq.distinct |> Seq.length < 2 then
            other "its matrix from one channel to one" "has the same sign each time; expected -1 as often as 1"

    let private differ (parameters: (string * Numbers) list) =
        for i, (name, weight) in List.indexed parameters do
            for former, earlier in List.take i parameters do
                if weight.Shape = earlier.Shape && weight.Values = earlier.Values then
                    other name $"starts as {former} does; expected each to be drawn by itself"

    let private ofAligner kind (options: obj) (teacherChannels: int) (weights: Weights) =
        let parameters = weights.Parameters

        match kind with
        | "conv-reg" ->
            let conv, norm = splitLast 2 parameters
            ordinary conv
            affine norm
        | "non-local" -> nonLocal teacherChannels parameters
        | "orthogonal" -> orthogonal weights
        | "channel-mlp" -> drawn (Options.choice options "Initialization" Initialization.Default) parameters
        | _ -> ordinary parameters

        if kind <> "orthogonal" && kind <> "conv-reg" then
            // What is drawn: ones and zeros are alike.
            parameters
            |> List.filter (fun (_, numbers) -> numbers.Values |> Array.distinct |> Array.length > 1)
            |> differ

    let private finding (test: unit -> unit) =
        use scope = torch.NewDisposeScope()

        try
            test ()
            Finding.Held
        with
        | Other message -> Finding.Broken message
        | :? KdException as error -> Finding.Broken error.Message

    /// An aligner from some channels to others, and where both are as many.
    let aligner kind (options: obj) (seed: uint64) (build: Build) =
        finding (fun () ->
            for ours, theirs in [ 48, 64; 64, 64; 64, 48 ] do
                use modul = Modules.seeded seed (fun () -> build (int64 ours) (int64 theirs))
                ofAligner kind options theirs (Modules.weights modul)

            if kind = "orthogonal" then
                bothSigns build seed)

    /// A loss that is built for maps of many channels.
    let loss kind (options: obj) (seed: uint64) (loss: IBuiltLoss) =
        let pair: FeatureMaps =
            let map channels =
                Numbers.init [ 2; channels; 1; 2 ] (fun at -> sin (float at))

            {
                Student = map (if kind = "cc" then 48 else 64)
                Teacher = map 64
            }

        finding (fun () ->
            use built = Subjects.started seed loss pair

            match built.Built with
            | None -> ()
            | Some modul ->
                let parameters = Modules.parameters modul

                match kind with
                | "cc" ->
                    ordinary parameters
                    differ parameters
                | "fgd" when Options.number options "Relation" 5e-6 > 0.0 ->
                    let ours, theirs = splitLast 7 parameters
                    globalContext 64 ours
                    globalContext 64 theirs

                    parameters
                    |> List.filter (fun (_, numbers) -> numbers.Values |> Array.distinct |> Array.length > 1)
                    |> differ
                | "vid" ->
                    let expected = Options.number options "InitialVariance" 5.0

                    for name, rho in parameters do
                        for rho in rho.Values do
                            let variance = log (1.0 + exp rho) + 1e-5

                            if abs (variance - expected) > 1e-5 * expected then
                                other
                                    $"the variance of {name}"
                                    $"starts at {Text.number variance}; expected {Text.number expected}"
                | _ -> ())
