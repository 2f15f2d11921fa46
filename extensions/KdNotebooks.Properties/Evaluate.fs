namespace KdNotebooks.Properties

open System
open KdNotebooks.Native
open KdNotebooks.Runtime
open TorchSharp

/// What a loss gives for a case. Everything that is made lives in one scope.
module internal Evaluate =
    exception NotALoss of message: string

    let labels (pair: IPair) =
        torch.tensor (Array.map int64 pair.Labels, dtype = torch.int64)

    let call (loss: Loss) (student: torch.Tensor) (teacher: torch.Tensor) (pair: IPair) =
        let result = loss student teacher (labels pair)

        if result.dim () <> 0L then
            raise (NotALoss $"the loss gave a tensor {Text.shape result.shape}; expected a scalar, []")

        result

    let number (result: torch.Tensor) =
        result.``to``(torch.float64).item<float>()

    let value (loss: Loss) (pair: IPair) =
        use scope = torch.NewDisposeScope()
        use quiet = torch.no_grad ()
        number (call loss (Numbers.tensor pair.Student) (Numbers.tensor pair.Teacher) pair)

    /// The gradient of a result with respect to a leaf; zeros where none arrives.
    let gradient (leaf: torch.Tensor) (result: torch.Tensor) =
        if result.requires_grad then
            result.backward ()

        match leaf.grad with
        | null -> Numbers.init [ for size in leaf.shape -> int size ] (fun _ -> 0.0)
        | grad -> Numbers.ofTensor grad

    let valueAndGradient (loss: Loss) (pair: IPair) =
        use scope = torch.NewDisposeScope()
        let student = (Numbers.tensor pair.Student).requires_grad_ true
        let result = call loss student (Numbers.tensor pair.Teacher) pair
        number result, gradient student result

    // The same images again and again: who takes these refused the case for its few images.
    let private takesMoreImages loss pair =
        try
            value loss (Pair.cycle (Pair.images pair + 4) pair) |> ignore
            true
        with _ ->
            false

    /// Runs a test; an exception of the loss is an outcome. A refusal of a case of few images discards it.
    let guarded (loss: Loss) (pair: IPair) (test: unit -> Finding) =
        NativeLibraries.EnsureLoaded()

        try
            test ()
        with
        | :? OutOfMemoryException
        | :? OperationCanceledException -> reraise ()
        | NotALoss message -> Finding.Broken message
        | :? KdException as error when takesMoreImages loss pair -> Finding.Discarded error.Message
        | error -> Finding.Broken $"the loss threw {Text.error error}"

    let near (tolerance: Tolerance) (a: float) (b: float) =
        abs (a - b) <= max tolerance.Absolute (tolerance.Relative * max (abs a) (abs b))

    /// The loss of another pair is that of this one.
    let unchanged tolerance (loss: Loss) (pair: IPair) (what: string) (changed: IPair) =
        guarded loss pair (fun () ->
            let before, after = value loss pair, value loss changed

            if near tolerance before after then
                Finding.Held
            else
                let before, after = Text.two before after
                Finding.Broken $"the loss is {before}; {what} it is {after}")

    /// The first outcome that is not held.
    let rec all (outcomes: (unit -> Finding) list) =
        match outcomes with
        | [] -> Finding.Held
        | first :: rest ->
            match first () with
            | Finding.Held -> all rest
            | other -> other
