namespace KdNotebooks.Properties

open System
open KdNotebooks.Invariants
open TorchSharp

/// A tensor as plain numbers: what a case is made of, so that it can be drawn, made smaller and printed without torch.
[<CustomEquality; NoComparison>]
type Numbers =
    {
        Shape: int list
        /// Row-major.
        Values: float[]
    }

    /// Equal numbers, not a number included, so that a case equals itself.
    override a.Equals other =
        match other with
        | :? Numbers as b ->
            a.Shape = b.Shape
            && Array.forall2 (fun (x: float) y -> x.Equals y) a.Values b.Values
        | _ -> false

    override a.GetHashCode() = hash (a.Shape, Array.length a.Values)

    override a.ToString() = string (a.Named "")

    /// As a part of a counterexample.
    member a.Named(name: string) =
        SmallTensor(name, [| for size in a.Shape -> int64 size |], a.Values)

/// Numbers, and what is done to them.
[<RequireQualifiedAccess>]
module Numbers =
    let size (shape: int list) = List.fold (*) 1 shape

    /// Fills a shape in row-major order.
    let init shape (value: int -> float) =
        {
            Shape = shape
            Values = Array.init (size shape) value
        }

    /// One axis of numbers.
    let row (values: float[]) =
        {
            Shape = [ values.Length ]
            Values = values
        }

    /// A number alone.
    let single (value: float) = { Shape = []; Values = [| value |] }

    /// One axis of whole numbers: labels, an order.
    let whole (values: int[]) = row (Array.map float values)

    /// As torch sees them, float64; it belongs to the caller's dispose scope.
    let tensor (numbers: Numbers) : torch.Tensor =
        let shape = [| for size in numbers.Shape -> int64 size |]
        torch.tensor (numbers.Values, ReadOnlySpan shape, Nullable torch.float64)

    /// The values of a tensor.
    let ofTensor (tensor: torch.Tensor) =
        use plain = tensor.detach().``to``(torch.float64).cpu().contiguous()

        {
            Shape = [ for size in tensor.shape -> int size ]
            Values = plain.data<float>().ToArray()
        }

    let map (change: float -> float) (numbers: Numbers) =
        { numbers with
            Values = Array.map change numbers.Values
        }

    let map2 (change: float -> float -> float) (a: Numbers) (b: Numbers) =
        { a with
            Values = Array.map2 change a.Values b.Values
        }

    /// The sizes before, of and after an axis.
    let private around axis (shape: int list) =
        size (List.take axis shape), List.item axis shape, size (List.skip (axis + 1) shape)

    /// Changes each number, knowing its index along an axis.
    let mapi axis (change: int -> float -> float) (numbers: Numbers) =
        let _, count, inner = around axis numbers.Shape

        { numbers with
            Values = numbers.Values |> Array.mapi (fun at -> change (at / inner % count))
        }

    /// The slices at these indices of an axis, in this order; one may come twice.
    let take axis (indices: int[]) (numbers: Numbers) =
        let outer, count, inner = around axis numbers.Shape

        {
            Shape = numbers.Shape |> List.updateAt axis indices.Length
            Values =
                [|
                    for o in 0 .. outer - 1 do
                        for index in indices do
                            for i in 0 .. inner - 1 -> numbers.Values[(o * count + index) * inner + i]
                |]
        }

    /// Puts the slices along an axis through a matrix: row r of it says what slice r of the result is made of.
    let mix axis (matrix: float[,]) (numbers: Numbers) =
        let _, count, inner = around axis numbers.Shape
        let rows = matrix.GetLength 0

        let value at =
            let outer, row, i = at / inner / rows, at / inner % rows, at % inner

            Seq.sum
                [
                    for k in 0 .. count - 1 -> matrix[row, k] * numbers.Values[(outer * count + k) * inner + i]
                ]

        init (List.updateAt axis rows numbers.Shape) value

    /// The largest size of a number; 0 where there is none.
    let largest (numbers: Numbers) =
        numbers.Values |> Array.fold (fun most value -> max most (abs value)) 0.0
