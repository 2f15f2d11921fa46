namespace KdNotebooks.Properties

open KdNotebooks.Runtime
open TorchSharp

/// From (student's channels, teacher's channels) to an aligner's module.
type Build = int64 -> int64 -> torch.nn.Module<torch.Tensor, torch.Tensor>

/// Modules of a case: with weights that a number gives, and without a trace in torch's generator.
module internal Modules =
    /// The random numbers of a seed, and torch's generator as it was.
    let seeded (seed: uint64) (action: unit -> 'a) =
        use before = torch.random.get_rng_state ()

        try
            torch.manual_seed (int64 (seed &&& 0x7fffffffUL)) |> ignore
            action ()
        finally
            torch.random.set_rng_state before |> ignore

    /// The same random numbers each time, and torch's generator as it was.
    let quietly (action: unit -> 'a) = seeded 1UL action

    // From -1 to 1 in hundredths, so that they can be read; the same number gives any module the same weights.
    let private fill (seed: int) (modul: torch.nn.Module) =
        use quiet = torch.no_grad ()
        use scope = torch.NewDisposeScope()

        let mutable stream =
            RandomStream.Of(System.ReadOnlySpan [| 0x776569UL; uint64 seed |])

        for struct (_, parameter) in modul.named_parameters () do
            let values = Array.zeroCreate<float>(int (parameter.numel ()))

            for at in 0 .. values.Length - 1 do
                values[at] <- float (stream.NextInt 201 - 100) / 100.0

            parameter.copy_ ((torch.tensor values).view parameter.shape) |> ignore

    /// What `build` makes, filled, in training mode. Who calls it disposes of it: no dispose scope does.
    let make (seed: int) (build: unit -> 'm when 'm :> torch.nn.Module) : 'm =
        let modul = quietly build
        fill seed modul
        modul

    let parameters (modul: torch.nn.Module) =
        [
            for struct (name, parameter) in modul.named_parameters () -> name, Numbers.ofTensor parameter
        ]

    /// All numbers of a module, as a formula reads them.
    let weights (modul: torch.nn.Module) : Weights =
        {
            Parameters = parameters modul
            Buffers =
                [
                    for struct (name, buffer) in modul.named_buffers () -> name, Numbers.ofTensor buffer
                ]
        }

/// Gradients of a number that a module gives, along a map and along the module's weights.
module internal Gradients =
    // As a loss of the numbers that move; nobody looks at the teacher's.
    let private along name (value: torch.Tensor -> torch.Tensor) (numbers: Numbers) (gradient: Numbers) direction =
        let pair: FeatureMaps = { Student = numbers; Teacher = numbers }

        Slope.agrees "it" (fun moved _ _ -> value moved) pair gradient name direction

    /// `value` is of the map; both it and the module are in float64.
    let areSlopes (value: torch.Tensor -> torch.Tensor) (modul: torch.nn.Module) (map: Numbers) (direction: Direction) =
        use scope = torch.NewDisposeScope()
        let leaf = (Numbers.tensor map).requires_grad_ true
        modul.zero_grad ()
        let ofMap = Evaluate.gradient leaf (value leaf)

        let weights =
            [
                for struct (name, parameter) in modul.named_parameters () ->
                    name, parameter :> torch.Tensor, Evaluate.gradient parameter (torch.zeros 1L)
            ]

        let ofWeight (name, parameter: torch.Tensor, gradient: Numbers) =
            let before = Numbers.ofTensor parameter

            let set (numbers: torch.Tensor) =
                use quiet = torch.no_grad ()
                parameter.copy_ numbers |> ignore

            let moved (numbers: torch.Tensor) =
                set numbers
                value leaf

            try
                along name moved before gradient (direction.Of before.Shape)
            finally
                set (Numbers.tensor before)

        let findings =
            along "the map" value map ofMap (direction.Of map.Shape)
            :: List.map ofWeight weights

        // One that cannot be measured must not hide another that is wrong.
        findings
        |> List.tryFind (fun finding -> finding.IsBroken)
        |> Option.orElse (findings |> List.tryFind (fun finding -> finding <> Finding.Held))
        |> Option.defaultValue Finding.Held
