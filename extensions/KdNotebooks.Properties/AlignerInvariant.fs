namespace KdNotebooks.Properties

open System
open KdNotebooks.Aligners
open KdNotebooks.Ops
open KdNotebooks.Native
open TorchSharp

/// What holds for aligners, one function each. Modules are in training mode, with weights that the case gives; what
/// they draw at random, they draw alike in every call. In float32, unlike losses: nobody trains in float64, for which
/// other kernels run.
[<RequireQualifiedAccess>]
module AlignerInvariant =
    let private guarded (test: unit -> Finding) =
        NativeLibraries.EnsureLoaded()

        try
            use scope = torch.NewDisposeScope()
            test ()
        with
        | :? OutOfMemoryException
        | :? OperationCanceledException -> reraise ()
        | error -> Finding.Broken $"the aligner threw {Text.error error}"

    let private make (build: Build) (case: AlignerCase) =
        Modules.make case.Weights (fun () -> build (int64 case.Student.Shape[1]) (int64 case.TeacherChannels))

    let private call (modul: torch.nn.Module<torch.Tensor, torch.Tensor>) (map: torch.Tensor) =
        Modules.quietly (fun () -> modul.call map)

    let private single (map: Numbers) =
        (Numbers.tensor map).``to`` torch.float32

    let private output modul (map: Numbers) =
        use scope = torch.NewDisposeScope()
        use quiet = torch.no_grad ()
        Numbers.ofTensor (call modul (single map))

    // The first number that is not the expected one: where it stands, what was expected, and what came.
    let private firstDifference tolerance (expected: Numbers) (actual: Numbers) =
        Array.map2 (Evaluate.near tolerance) expected.Values actual.Values
        |> Array.tryFindIndex not
        |> Option.map (fun at ->
            let wanted, came = Text.two expected.Values[at] actual.Values[at]
            Text.element "output" expected.Shape at, wanted, came)

    // What comes out may be small beside what goes in, and is then as inexact.
    let private same (case: AlignerCase) (what: string) (expected: Numbers) (actual: Numbers) =
        let size = Numbers.largest case.Student + Numbers.largest expected

        let tolerance =
            {
                Relative = 0.0
                Absolute = 1e-6 + 1e-3 * size
            }

        if expected.Shape <> actual.Shape then
            Finding.Broken $"it gives {actual.Shape} {what}; expected {expected.Shape}"
        else
            match firstDifference tolerance expected actual with
            | None -> Finding.Held
            | Some(place, before, after) -> Finding.Broken $"{place} is {after} {what}; expected {before}"

    let private finiteNumbers name (numbers: Numbers) =
        match Array.tryFindIndex (Double.IsFinite >> not) numbers.Values with
        | None -> Finding.Held
        | Some at ->
            let place = Text.element name numbers.Shape at
            Finding.Broken $"{place} is {Text.number numbers.Values[at]}; expected a finite number"

    /// Outputs and gradients, the weights' too, are finite; in the layout in which students are trained.
    let finite (build: Build) (case: AlignerCase) =
        guarded (fun () ->
            use modul = make build case
            ChannelsLast.Apply modul
            let map = (ChannelsLast.Of(single case.Student)).requires_grad_ true
            let result = call modul map
            result.sum().backward()

            let gradient name (leaf: torch.Tensor) () =
                match leaf.grad with
                | null -> Finding.Held
                | grad -> finiteNumbers name (Numbers.ofTensor grad)

            let weights =
                [
                    for struct (name, parameter) in modul.named_parameters () ->
                        gradient $"the gradient along {name}" parameter
                ]

            Evaluate.all (
                (fun () -> finiteNumbers "output" (Numbers.ofTensor result))
                :: gradient "the gradient along student" map
                :: weights
            ))

    /// How the map lies in memory, contiguous or channels-last, does not matter.
    let layoutFree (build: Build) (case: AlignerCase) =
        guarded (fun () ->
            use modul = make build case
            use quiet = torch.no_grad ()
            let other = call modul (ChannelsLast.Of(single case.Student))
            same case "for a channels-last map" (output modul case.Student) (Numbers.ofTensor other))

    /// Of all tensors that the call makes, only the result is alive after it.
    let nothingLeft (build: Build) (case: AlignerCase) =
        guarded (fun () ->
            use modul = make build case
            let map = (single case.Student).requires_grad_ true
            let statistics = DisposeScopeManager.Statistics
            let before = statistics.ThreadTotalLiveCount
            let result = call modul map
            let made = if Object.ReferenceEquals(result, map) then 0L else 1L
            let left = statistics.ThreadTotalLiveCount - before - made

            if map.IsInvalid then
                Finding.Broken "the map is disposed of by the call; expected it to stay the caller's"
            elif left > 0L then
                Finding.Broken
                    $"{left} tensors besides the result are alive after the call; expected none: open a dispose scope \
                    in forward and move the result out of it"
            else
                Finding.Held)

    /// It gives [N, C_t, H, W] for [N, C_s, H, W].
    let teacherChannels (build: Build) (case: AlignerCase) =
        guarded (fun () ->
            use modul = make build case
            let shape = (output modul case.Student).Shape
            let expected = case.Student.Shape |> List.updateAt 1 case.TeacherChannels

            if shape = expected then
                Finding.Held
            else
                Finding.Broken $"it gives {shape}; expected {expected}")

    // [N, C, H, W], its positions in another order
    let private reorder (permutation: Permutation) (map: Numbers) =
        let positions = Numbers.size (List.skip 2 map.Shape)

        let flat =
            { map with
                Shape = List.take 2 map.Shape @ [ positions ]
            }

        { Numbers.take 2 (permutation.Of positions) flat with
            Shape = map.Shape
        }

    /// It commutes with every permutation of positions: no neighbourhood counts.
    let positionWise (build: Build) (case: AlignerCase) (PositionPermutation permutation) =
        guarded (fun () ->
            use modul = make build case
            let order = permutation.Of(Numbers.size (List.skip 2 case.Student.Shape))
            let expected = reorder permutation (output modul case.Student)

            same
                case
                $"for the positions in the order {Text.order order}"
                expected
                (output modul (reorder permutation case.Student)))

    /// An aligner that was built with depth 0 computes W x + b at each position, with W [C_t, C_s] and b [C_t] its only
    /// weights, and b may be missing.
    let isLinear (build: Build) (case: AlignerCase) =
        guarded (fun () ->
            use modul = make build case
            let ours, theirs = case.Student.Shape[1], case.TeacherChannels

            let linear (weight: Numbers) (bias: int -> float) =
                let matrix =
                    Array2D.init theirs ours (fun row column -> weight.Values[row * ours + column])

                Numbers.mix 1 matrix case.Student
                |> Numbers.mapi 1 (fun row value -> value + bias row)

            match Modules.parameters modul |> List.map snd with
            | [ weight ] when weight.Values.Length = ours * theirs ->
                same case "from its weights" (linear weight (fun _ -> 0.0)) (output modul case.Student)
            | [ weight; bias ] when weight.Values.Length = ours * theirs && bias.Values.Length = theirs ->
                same case "from its weights" (linear weight (fun row -> bias.Values[row])) (output modul case.Student)
            | others ->
                let shapes = [ for other in others -> other.Shape ]

                Finding.Broken
                    $"its weights have the shapes {shapes}; expected [{theirs}, {ours}] and at most [{theirs}]")

    // The steepest that an activation is: GELU and SiLU rise a little faster than 1 where they bend.
    let private steepness (modul: torch.nn.Module) =
        modul.modules ()
        |> Seq.map (fun part ->
            match part with
            | :? Modules.GELU -> 1.13
            | :? Modules.SiLU -> 1.1
            | _ -> 1.0)
        |> Seq.fold (*) 1.0

    let private spectralNorm (weight: torch.Tensor) =
        use scope = torch.NewDisposeScope()
        use quiet = torch.no_grad ()
        torch.linalg.svdvals(weight.flatten(1L).``to`` torch.float64).max().item<float>()

    /// Outputs differ at most by the product of its weights' norms times what inputs do.
    let lipschitz (build: Build) (case: AlignerCase) (direction: Direction) =
        guarded (fun () ->
            use modul = make build case

            let bound =
                [
                    for struct (_, parameter) in modul.named_parameters () do
                        if parameter.dim () > 1L then
                            spectralNorm parameter
                ]
                |> List.fold (*) (steepness modul)

            let length (numbers: Numbers) =
                sqrt (numbers.Values |> Array.sumBy (fun value -> value * value))

            let step = direction.Of case.Student.Shape
            let moved = output modul (Numbers.map2 (+) case.Student step)
            let difference = length (Numbers.map2 (-) moved (output modul case.Student))
            let allowed = bound * length step

            if difference <= allowed * 1.001 + 1e-6 * (1.0 + Numbers.largest case.Student) then
                Finding.Held
            else
                Finding.Broken
                    $"a step of length {Text.number (length step)} moves its output by {Text.number difference}; its \
                    weights allow {Text.number allowed}")

    /// It is linear, and its weight's columns (or rows, whichever are fewer) are orthonormal. The weight is what it
    /// makes of the identity, a map [C_s, C_s, 1, 1]: its columns as [C_s, C_t, 1, 1].
    let orthonormal (build: Build) (case: AlignerCase) =
        guarded (fun () ->
            use modul = make build case
            let ours, theirs = case.Student.Shape[1], case.TeacherChannels

            let identity =
                Numbers.init [ ours; ours; 1; 1 ] (fun at -> if at % (ours + 1) = 0 then 1.0 else 0.0)

            let columns = output modul identity

            let weight =
                Array2D.init theirs ours (fun row column -> columns.Values[column * theirs + row])

            let columnsAreFewer = ours <= theirs

            let product a b =
                if columnsAreFewer then
                    Seq.sum [ for row in 0 .. theirs - 1 -> weight[row, a] * weight[row, b] ]
                else
                    Seq.sum [ for column in 0 .. ours - 1 -> weight[a, column] * weight[b, column] ]

            let linear () =
                same case "from its weight" (Numbers.mix 1 weight case.Student) (output modul case.Student)

            let near = { Relative = 0.0; Absolute = 1e-4 }

            let orthonormal =
                [
                    for a in 0 .. min ours theirs - 1 do
                        for b in 0..a ->
                            fun () ->
                                let expected = if a = b then 1.0 else 0.0

                                if Evaluate.near near expected (product a b) then
                                    Finding.Held
                                else
                                    let lines = if columnsAreFewer then "columns" else "rows"

                                    Finding.Broken
                                        $"the product of {lines} {a} and {b} of its weight is \
                                        {Text.number (product a b)}; expected {Text.number expected}"
                ]

            Evaluate.all (orthonormal @ [ linear ]))

    // What it computes for a map, in float64.
    let private precisely (modul: torch.nn.Module<torch.Tensor, torch.Tensor>) (map: Numbers) =
        use scope = torch.NewDisposeScope()
        use quiet = torch.no_grad ()
        Numbers.ofTensor (call modul (Numbers.tensor map))

    // Sets weights so that what comes out is what the mask keeps: a first convolution that gives ones, then 3x3
    // convolutions that leave the map as it is. The mask of a shape is the same in each call.
    let private showMask (modul: torch.nn.Module) =
        use quiet = torch.no_grad ()
        let mutable first = false

        for struct (_, parameter) in modul.named_parameters () do
            let shape = parameter.shape

            if shape.Length = 4 then
                first <- shape[3] = 1L
                parameter.zero_ () |> ignore

                if not first then
                    for channel in 0L .. min shape[0] shape[1] - 1L do
                        parameter[channel, channel, shape[2] / 2L, shape[3] / 2L] <- torch.tensor 1.0
            else
                parameter.fill_ ((if first then 1.0 else 0.0).ToScalar()) |> ignore

    exception private WrongMask of message: string

    // What is kept of a map of this shape: zeros and ones.
    let private keptOf (modul: torch.nn.Module<torch.Tensor, torch.Tensor>) kind (shape: int list) =
        let kept = precisely modul (Numbers.init shape (fun _ -> 1.0))

        for value in kept.Values do
            if value <> 0.0 && value <> 1.0 then
                raise (WrongMask $"what its mask keeps is multiplied by {Text.number value}; expected 0 or 1")

        let line = Numbers.size (List.skip 2 kept.Shape)

        let alike =
            match kind with
            | MaskKind.Channel ->
                Array.chunkBySize line kept.Values
                |> Array.forall (fun channel -> (Array.distinct channel).Length = 1)
            | _ ->
                Array.chunkBySize (Numbers.size kept.Shape.Tail) kept.Values
                |> Array.forall (fun image -> (Array.chunkBySize line image |> Array.distinct).Length = 1)

        if not alike then
            let whole = if kind = MaskKind.Channel then "channel" else "position"
            raise (WrongMask $"its mask differs within a {whole}; expected each {whole} to be kept or masked as one")

        kept

    // How much is masked of so many that chance is a hundredth or less.
    let private requireShare modul (ratio, kind) ours theirs =
        let shape =
            if kind = MaskKind.Channel then
                [ 10000 / theirs; ours; 1; 1 ]
            else
                [ 10; ours; 32; 32 ]

        let kept = keptOf modul kind shape

        let entries =
            if kind = MaskKind.Channel then
                kept.Values.Length
            else
                10 * 32 * 32

        let share = 1.0 - Array.average kept.Values
        let chance = 5.0 * sqrt (ratio * (1.0 - ratio) / float entries)

        if abs (share - ratio) > chance + 1e-9 then
            raise (WrongMask $"it masks {Text.number share} of all; expected {Text.number ratio} or near")

    // The mask of a case, seen with other weights; the case's own are there again afterwards.
    let private maskFor (modul: torch.nn.Module<torch.Tensor, torch.Tensor>) mask (case: AlignerCase) =
        match mask with
        | None -> None
        | Some(ratio, kind) ->
            use scope = torch.NewDisposeScope()

            let before =
                [
                    for struct (_, parameter) in modul.named_parameters () -> parameter, parameter.detach().clone()
                ]

            showMask modul

            try
                requireShare modul (ratio, kind) case.Student.Shape[1] case.TeacherChannels
                Some(keptOf modul kind case.Student.Shape)
            finally
                use quiet = torch.no_grad ()

                for parameter, value in before do
                    parameter.copy_ value |> ignore

    let private sameNumbers (what: string) (expected: Numbers) (actual: Numbers) =
        if expected.Shape <> actual.Shape then
            Finding.Broken $"it gives {actual.Shape}{what}; its formula written out gives {expected.Shape}"
        else
            let tolerance =
                {
                    Relative = 1e-6
                    Absolute = 1e-9 * (1.0 + Numbers.largest expected)
                }

            match firstDifference tolerance expected actual with
            | None -> Finding.Held
            | Some(place, wanted, actual) ->
                Finding.Broken $"{place} is {actual}{what}; its formula written out gives {wanted}"

    /// It computes what its formula gives for its weights, in training and in evaluation mode; in float64.
    let formula (formula: AlignerFormula) (build: Build) (case: AlignerCase) =
        guarded (fun () ->
            use modul = make build case
            modul.``to`` torch.float64 |> ignore

            try
                let weights = Modules.weights modul
                let kept = maskFor modul formula.Mask case

                let expected mode kept =
                    formula.Value weights mode kept case.TeacherChannels case.Student

                let training () =
                    precisely modul case.Student
                    |> sameNumbers "" (expected AlignerMode.Training kept)

                let evaluation () =
                    modul.eval ()

                    precisely modul case.Student
                    |> sameNumbers " in evaluation mode" (expected (AlignerMode.Evaluation case.Student) None)

                Evaluate.all [ training; evaluation ]
            with
            | WrongMask message -> Finding.Broken message
            | :? KdNotebooks.Runtime.KdException as error -> Finding.Broken error.Message)

    /// The gradients along the map and along each of its weights are the slopes that finite differences measure; of a
    /// sum of its outputs with numbers that the direction gives, in float64.
    let gradientIsSlope (build: Build) (case: AlignerCase) (direction: Direction) =
        guarded (fun () ->
            use modul = make build case
            modul.``to`` torch.float64 |> ignore

            let weighed (map: torch.Tensor) =
                let result = call modul map
                (result * Numbers.tensor (direction.Of [ for size in result.shape -> int size ])).sum()

            Gradients.areSlopes weighed modul case.Student direction)
