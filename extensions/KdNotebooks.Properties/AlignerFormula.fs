namespace KdNotebooks.Properties

open KdNotebooks.Aligners
open KdNotebooks.Runtime
open MathNet.Numerics

/// How an aligner is called.
[<RequireQualifiedAccess>]
type AlignerMode =
    | Training
    /// In evaluation mode, after one call in training with this map: what a batch normalization has kept counts.
    | Evaluation of before: Numbers

/// An aligner once more, written out on plain numbers in float64, without torch.
type AlignerFormula =
    {
        /// What is set to 0 at random in training, and how likely.
        Mask: (float * MaskKind) option
        /// From weights, the mode, what the mask keeps (a map of zeros and ones), the teacher's channels and the map.
        Value: Weights -> AlignerMode -> Numbers option -> int -> Numbers -> Numbers
    }

    /// A plain function of the weights (by their names, in the module's order) and the student's map.
    static member Of(value: (string * Numbers) list -> Numbers -> Numbers) =
        {
            Mask = None
            Value = fun weights _ _ _ map -> value weights.Parameters map
        }

/// The formulas of the catalogue's aligners.
[<RequireQualifiedAccess>]
module AlignerFormula =
    /// Hands out a module's parameters in their order, each with the shape that is expected of it.
    type private Taking(weights: Weights) =
        let mutable left = weights.Parameters

        let all =
            weights.Parameters
            |> List.map (fun (name, numbers) -> $"{name} {numbers.Shape}")
            |> String.concat ", "

        let refuse (expected: string) =
            raise (KdException $"its weights are {all}; expected {expected}.")

        // A linear layer's [C_o, C_i] is a 1x1 convolution's [C_o, C_i, 1, 1].
        let trimmed (shape: int list) =
            match shape with
            | a :: b :: rest when List.forall ((=) 1) rest -> [ a; b ]
            | other -> other

        member _.Next (role: string) (shape: int list) =
            match left with
            | (_, first) :: rest when trimmed first.Shape = trimmed shape ->
                left <- rest
                { first with Shape = shape }
            | _ -> refuse $"{role} {shape} after {weights.Parameters.Length - left.Length} of them"

        member _.End() =
            if not left.IsEmpty then
                refuse $"none after the first {weights.Parameters.Length - left.Length}"

        member take.Convolution (role: string) (bias: bool) ours theirs kernel =
            let weight = take.Next role [ theirs; ours; kernel; kernel ]

            let bias =
                if bias then
                    Some (take.Next $"the bias of {role}" [ theirs ]).Values
                else
                    None

            Plain.convolve weight bias

    let private channels (map: Numbers) = map.Shape[1]
    let private relu = Numbers.map (max 0.0)

    let private activate activation =
        match activation with
        | Activation.ReLU -> max 0.0
        | Activation.GELU -> fun x -> x * SpecialFunctions.Erfc(-x / sqrt 2.0) / 2.0
        | Activation.SiLU -> fun x -> x / (1.0 + exp -x)
        | _ -> id

    // Whole channels, rounded with a half up, at least one.
    let private ratioOf (ratio: float) theirs =
        max 1 (int (floor (ratio * float theirs + 0.5)))

    let private mlp depth hidden ratio activation bias alignFirst =
        let value (weights: Weights) _ _ theirs (map: Numbers) =
            let take = Taking weights

            let width =
                match hidden, ratio with
                | Some hidden, _ -> int hidden
                | None, Some ratio -> ratioOf ratio theirs
                | None, None -> theirs

            let mutable map = map

            if alignFirst then
                map <- take.Convolution "a convolution in front" false (channels map) theirs 1 map

            for layer in 1..depth do
                let hiddenLayer =
                    take.Convolution $"hidden layer {layer}" bias (channels map) width 1 map

                map <- Numbers.map (activate activation) hiddenLayer

            let result = take.Convolution "the last layer" bias (channels map) theirs 1 map
            take.End()
            result

        { Mask = None; Value = value }

    // Mean and unbiased variance over images and positions, and the biased one.
    let private moments (map: Numbers) channel =
        let numbers = Plain.column map channel
        let centred = Plain.centred numbers
        let squares = Plain.dot centred centred
        let count = float numbers.Length
        Array.average numbers, squares / count, squares / max 1.0 (count - 1.0)

    // A tenth of the batch's mean and unbiased variance is kept, beside nine of 0 and of 1.
    let private normalize epsilon mode (layer: Numbers -> Numbers) map =
        let mapped = layer map

        let statistics =
            match mode with
            | AlignerMode.Training ->
                fun channel ->
                    let mean, biased, _ = moments mapped channel
                    mean, biased
            | AlignerMode.Evaluation before ->
                let before = layer before

                fun channel ->
                    let mean, _, unbiased = moments before channel
                    0.1 * mean, 0.9 + 0.1 * unbiased

        let statistics = Array.map statistics (Plain.channels mapped)

        mapped
        |> Numbers.mapi 1 (fun channel x ->
            let mean, variance = statistics[channel]
            (x - mean) / sqrt (variance + epsilon))

    let private bnLinear =
        let value (weights: Weights) mode _ theirs map =
            let take = Taking weights
            let layer = take.Convolution "a convolution" false (channels map) theirs 1
            take.End()
            normalize 1e-4 mode layer map

        { Mask = None; Value = value }

    let private convReg rectified =
        let value (weights: Weights) mode _ theirs map =
            let take = Taking weights
            let layer = take.Convolution "a convolution" false (channels map) theirs 1
            let factor = (take.Next "the normalization's weight" [ theirs ]).Values
            let shift = (take.Next "the normalization's bias" [ theirs ]).Values
            take.End()

            normalize 1e-5 mode layer map
            |> Numbers.mapi 1 (fun channel x -> factor[channel] * x + shift[channel])
            |> if rectified then relu else id

        { Mask = None; Value = value }

    let private ensemble count =
        let value (weights: Weights) _ _ theirs map =
            let take = Taking weights

            let each =
                [
                    for projector in 1..count ->
                        relu (take.Convolution $"projector {projector}" true (channels map) theirs 1 map)
                ]

            take.End()

            List.reduce (Numbers.map2 (+)) each
            |> Numbers.map (fun sum -> sum / float count)

        { Mask = None; Value = value }

    // A 1x1 convolution where the channels differ.
    let private inTeachersChannels (take: Taking) theirs map =
        if channels map = theirs then
            map
        else
            take.Convolution "a convolution in front" true (channels map) theirs 1 map

    let private spatial mask =
        let value (weights: Weights) _ (kept: Numbers option) theirs map =
            let take = Taking weights
            let aligned = inTeachersChannels take theirs map

            let masked = kept |> Option.fold (fun map kept -> Numbers.map2 (*) map kept) aligned

            let hidden = relu (take.Convolution "the first 3x3" true theirs theirs 3 masked)
            let result = take.Convolution "the second 3x3" true theirs theirs 3 hidden
            take.End()
            result

        { Mask = mask; Value = value }

    let private nonLocal reduction =
        let value (weights: Weights) _ _ theirs map =
            let take = Taking weights
            let aligned = inTeachersChannels take theirs map
            let narrow = max 1 (theirs / reduction)
            let attention = take.Next "the attention" [ 1; theirs; 1; 1 ]
            let squeeze = take.Next "the squeeze" [ narrow; theirs; 1; 1 ]
            let squeezeBias = (take.Next "the bias of the squeeze" [ narrow ]).Values
            let factor = (take.Next "the normalization's weight" [ narrow; 1; 1 ]).Values
            let shift = (take.Next "the normalization's bias" [ narrow; 1; 1 ]).Values
            let expand = take.Next "the expansion" [ theirs; narrow; 1; 1 ]
            let expandBias = (take.Next "the bias of the expansion" [ theirs ]).Values
            take.End()
            Plain.globalContext attention (squeeze, squeezeBias) factor shift (expand, expandBias) aligned

        { Mask = None; Value = value }

    let private orthogonal =
        let value (weights: Weights) _ _ theirs map =
            let ours = channels map
            let large, small = max ours theirs, min ours theirs
            let take = Taking weights
            let rotation = take.Next "the rotation" [ large; large ]
            take.End()

            let start =
                match weights.Buffers with
                | [ _, start ] when start.Shape = [ large; small ] -> start
                | others ->
                    let shapes = [ for _, other in others -> other.Shape ]
                    raise (KdException $"its buffers have the shapes {shapes}; expected one, [{large}; {small}].")

            let below row column =
                if row > column then
                    rotation.Values[row * large + column]
                else
                    0.0

            let turned =
                Array2D.init large large (fun row column -> below row column - below column row)
                |> Plain.exponential

            let columns = Numbers.mix 0 turned start

            let matrix =
                if ours > theirs then
                    Array2D.init theirs ours (fun row column -> columns.Values[column * small + row])
                else
                    Array2D.init theirs ours (fun row column -> columns.Values[row * small + column])

            Numbers.mix 1 matrix map

        { Mask = None; Value = value }

    let private all: (string * (obj -> AlignerFormula)) list =
        let linear depth bias part =
            mlp depth None None Activation.ReLU (Options.flag part bias true) false

        [
            "bn-linear", (fun _ -> bnLinear)
            "channel-mlp",
            (fun part ->
                mlp
                    (Options.whole part "Depth" 1)
                    (Options.missing part "Hidden")
                    (Options.missing part "Ratio")
                    (Options.choice part "Activation" Activation.ReLU)
                    (Options.flag part "Bias" true)
                    (Options.flag part "AlignFirst" false))
            "conv-reg", (fun part -> convReg (Options.flag part "Relu" true))
            "ensemble", (fun part -> ensemble (Options.whole part "Count" 3))
            "identity",
            (fun _ ->
                {
                    Mask = None
                    Value = fun _ _ _ _ map -> map
                })
            "linear", linear 0 "Bias"
            "masked",
            (fun part ->
                spatial (Some(Options.number part "MaskRatio" 0.15, Options.choice part "MaskKind" MaskKind.Channel)))
            "non-local", (fun part -> nonLocal (Options.whole part "Reduction" 2))
            "orthogonal", (fun _ -> orthogonal)
            "spatial", (fun _ -> spatial None)
        ]

    /// The names of the aligners whose formulas are here.
    let kinds = List.map fst all

    /// The formula of a kind of aligner, with the options that a part has under their names; the usual ones for others.
    let internal tryFind kind (options: obj) =
        all
        |> List.tryFind (fun (other, _) -> other = kind)
        |> Option.map (fun (_, make) -> make options)
