namespace KdNotebooks.Properties

open KdNotebooks.Runtime
open TorchSharp

/// From (student's channels, teacher's channels) to an aligner's module.
type Build = int64 -> int64 -> torch.nn.Module<torch.Tensor, torch.Tensor>

/// Modules of a case: with weights that a number gives, and without a trace in torch's generator.
module internal Modules =
    /// The same random numbers each time, and torch's generator as it was.
    let quietly (action: unit -> 'a) =
        use before = torch.random.get_rng_state ()

        try
            torch.manual_seed 1L |> ignore
            action ()
        finally
            torch.random.set_rng_state before |> ignore

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
