namespace KdNotebooks.Properties

open System
open System.Globalization
open KdNotebooks.Invariants
open KdNotebooks.Runtime
open TorchSharp

/// What an invariant says of one case.
[<RequireQualifiedAccess>]
type Finding =
    | Held
    /// What was expected, and what came.
    | Broken of message: string
    /// The case says nothing: the loss needs more images, or it bends where its slope was asked for.
    | Discarded of why: string

/// How near two numbers must be: the larger of a share of their size and a number.
type Tolerance =
    {
        Relative: float
        Absolute: float
    }

    /// For what changes nothing but the order in which float64 is rounded.
    static member Exact = { Relative = 1e-7; Absolute = 1e-9 }

    /// For what changes sizes, and so how much the small number in a denominator weighs that keeps it from 0.
    static member Scaled = { Relative = 1e-3; Absolute = 1e-4 }

/// Student, teacher, labels -> a scalar. Maps have labels too, which nobody reads.
type Loss = torch.Tensor -> torch.Tensor -> torch.Tensor -> torch.Tensor

/// Losses as the invariants take them.
[<RequireQualifiedAccess>]
module Loss =
    /// A loss that does not look at labels: of maps, or of logits.
    let unlabelled (loss: torch.Tensor -> torch.Tensor -> torch.Tensor) : Loss =
        fun student teacher _ -> loss student teacher

    /// The loss in a dispose scope of its own: of all that it makes, only the result is left.
    let scoped (loss: torch.Tensor -> torch.Tensor -> torch.Tensor) student teacher =
        use scope = torch.NewDisposeScope()
        (loss student teacher).MoveToOuterDisposeScope()

/// Numbers in messages.
module internal Text =
    let number (value: float) = SmallTensor.Number value

    /// Two numbers with so many digits that they differ.
    let two (a: float) (b: float) =
        if number a <> number b then
            number a, number b
        else
            a.ToString("R", CultureInfo.InvariantCulture), b.ToString("R", CultureInfo.InvariantCulture)

    let shape (shape: int64[]) =
        let sizes = shape |> Seq.map string |> String.concat ", "
        $"[{sizes}]"

    let order (order: int[]) =
        let places = order |> Seq.map string |> String.concat ", "
        $"[{places}]"

    /// "student[0, 1]": the element at a row-major place.
    let element name (shape: int list) (at: int) =
        let place =
            List.foldBack (fun size (rest, place) -> rest / size, string (rest % size) :: place) shape (at, [])
            |> snd
            |> String.concat ", "

        $"{name}[{place}]"

    /// libtorch's errors are followed by its stack; the first line says what is wrong.
    let error (error: exn) =
        let first = error.Message.Split('\n')[0]

        if error :? KdException then
            first
        else
            $"{error.GetType().Name}: {first}"
