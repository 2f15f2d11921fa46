namespace KdNotebooks.Properties

open System
open KdNotebooks.Ops
open TorchSharp

/// What holds for losses of any kind, one function each. Every one can be used alone: it takes a loss and a case, and
/// says what came out. In float64, except where precision is what is asked.
[<RequireQualifiedAccess>]
module Invariant =
    let private finiteNumbers (name: string) (numbers: Numbers) =
        match Array.tryFindIndex (Double.IsFinite >> not) numbers.Values with
        | None -> Finding.Held
        | Some at ->
            let value = Text.number numbers.Values[at]

            Finding.Broken
                $"the gradient along {Text.element name numbers.Shape at} is {value}; expected a finite number"

    /// Value and gradient are finite.
    let finite (loss: Loss) (pair: IPair) =
        Evaluate.guarded loss pair (fun () ->
            let value, gradient = Evaluate.valueAndGradient loss pair

            if Double.IsFinite value then
                finiteNumbers "student" gradient
            else
                Finding.Broken $"the loss is {Text.number value}; expected a finite number")

    /// No gradient reaches the teacher, even where it could learn.
    let teacherUntouched (loss: Loss) (pair: IPair) =
        Evaluate.guarded loss pair (fun () ->
            use scope = torch.NewDisposeScope()
            let student = (Numbers.tensor pair.Student).requires_grad_ true
            let teacher = (Numbers.tensor pair.Teacher).requires_grad_ true
            let result = Evaluate.call loss student teacher pair

            if result.requires_grad then
                result.backward ()

            match teacher.grad with
            | null -> Finding.Held
            | grad ->
                let largest = Text.number (Numbers.largest (Numbers.ofTensor grad))
                Finding.Broken $"a gradient reaches the teacher (at most {largest} here); expected none: detach it")

    /// The order of the images does not matter.
    let batchOrder (loss: Loss) (pair: IPair) (BatchPermutation permutation) =
        let order = permutation.Of(Pair.images pair)

        Pair.takeImages order pair
        |> Evaluate.unchanged Tolerance.Exact loss pair $"with the images in the order {Text.order order}"

    /// At least 0, but for rounding and for the small number that keeps a logarithm finite.
    let nonNegative (loss: Loss) (pair: IPair) =
        Evaluate.guarded loss pair (fun () ->
            let value = Evaluate.value loss pair

            if value >= -1e-6 then
                Finding.Held
            else
                Finding.Broken $"the loss is {Text.number value}; expected at least 0")

    /// 0, with a gradient of 0, where the student gives what the teacher does; to 1e-5 and 1e-4, for what the small
    /// number in a denominator leaves. Student and teacher are of one shape; the student's own numbers do not matter.
    let zeroAtEquality (loss: Loss) (pair: IPair) =
        Evaluate.guarded loss pair (fun () ->
            let value, gradient = Evaluate.valueAndGradient loss (Pair.equal pair)
            let slope = Numbers.largest gradient

            if not (abs value <= 1e-5) then
                Finding.Broken $"the loss is {Text.number value} where student and teacher are equal; expected 0"
            elif not (slope <= 1e-4) then
                Finding.Broken
                    $"its gradient is up to {Text.number slope} where student and teacher are equal; expected 0"
            else
                Finding.Held)

    let private columnsFirst (tensor: torch.Tensor) = tensor.t().contiguous().t()

    // [N, C, H, W] in channels-last strides; [N, K] in column-major ones.
    let private otherLayout (tensor: torch.Tensor) =
        if tensor.dim () = 4L then
            ChannelsLast.Of tensor
        else
            columnsFirst tensor

    let private unit shape at =
        Numbers.init shape (fun other -> if other = at then 1.0 else 0.0)

    // A gradient that differs at a kink differs by rounding: which side the case is on is chance.
    let private sameGradient loss (pair: IPair) (what: string) (expected: Numbers) (gradient: Numbers) =
        let differs a b = not (Evaluate.near Tolerance.Exact a b)

        match Array.map2 differs expected.Values gradient.Values |> Array.tryFindIndex id with
        | None -> Finding.Held
        | Some at ->
            match Slope.along loss pair (unit expected.Shape at) with
            | Slope.Unmeasurable why -> Finding.Discarded why
            | Slope.Measured _ ->
                let expected, came = Text.two expected.Values[at] gradient.Values[at]
                let place = Text.element "student" gradient.Shape at
                Finding.Broken $"the gradient along {place} is {expected} for contiguous inputs; {what} {came}"

    /// How the inputs lie in memory does not matter: contiguous or channels-last (logits: by rows or by columns), the
    /// student's, the teacher's or both; for the value and for the gradient.
    let layoutFree (loss: Loss) (pair: IPair) =
        Evaluate.guarded loss pair (fun () ->
            let expected, slope = Evaluate.valueAndGradient loss pair

            let compare (what: string) layStudent layTeacher () =
                use scope = torch.NewDisposeScope()
                let student: torch.Tensor = layStudent (Numbers.tensor pair.Student)
                let teacher: torch.Tensor = layTeacher (Numbers.tensor pair.Teacher)
                let result = Evaluate.call loss (student.requires_grad_ true) teacher pair
                let value, gradient = Evaluate.number result, Evaluate.gradient student result

                if Evaluate.near Tolerance.Exact expected value then
                    sameGradient loss pair what slope gradient
                else
                    let expected, value = Text.two expected value
                    Finding.Broken $"the loss is {expected} for contiguous inputs; {what} {value}"

            Evaluate.all
                [
                    compare "with both in the other layout" otherLayout otherLayout
                    compare "with the student's in the other layout" otherLayout id
                    compare "with the teacher's in the other layout" id otherLayout
                ])

    /// Of all tensors that the call makes, only the result is alive after it.
    let nothingLeft (loss: Loss) (pair: IPair) =
        Evaluate.guarded loss pair (fun () ->
            use scope = torch.NewDisposeScope()
            let student = (Numbers.tensor pair.Student).requires_grad_ true
            let teacher, labels = Numbers.tensor pair.Teacher, Evaluate.labels pair
            let statistics = DisposeScopeManager.Statistics
            let before = statistics.ThreadTotalLiveCount
            loss student teacher labels |> ignore
            let left = statistics.ThreadTotalLiveCount - before - 1L

            if student.IsInvalid || teacher.IsInvalid || labels.IsInvalid then
                Finding.Broken "an input is disposed of by the call; expected it to stay the caller's"
            elif left > 0L then
                Finding.Broken
                    $"{left} tensors besides the result are alive after the call; expected none: open a dispose scope \
                    and move the result out of it (Loss.scoped does)"
            else
                Finding.Held)

    /// For float32 inputs a float32 comes out, near what float64 gives for the same numbers.
    let precisionKept (loss: Loss) (pair: IPair) =
        Evaluate.guarded loss pair (fun () ->
            use scope = torch.NewDisposeScope()
            use quiet = torch.no_grad ()

            let single (numbers: Numbers) =
                (Numbers.tensor numbers).``to`` torch.float32

            let student, teacher = single pair.Student, single pair.Teacher

            let rounded =
                pair.With(Numbers.ofTensor student, Numbers.ofTensor teacher, pair.Labels)

            let expected = Evaluate.value loss rounded
            let result = Evaluate.call loss student teacher pair
            let value = Evaluate.number result

            if result.dtype <> torch.float32 then
                Finding.Broken $"for float32 inputs it gives {result.dtype}; expected Float32"
            elif Evaluate.near { Relative = 1e-3; Absolute = 1e-4 } expected value then
                Finding.Held
            else
                let expected, value = Text.two expected value
                Finding.Broken $"the loss is {expected} in float64 and {value} in float32")

    // Of small cases each coordinate is tried too: a wrong one is then seen alone.
    let private smallest = 4

    let private slopeAgrees = Slope.agrees "the loss"

    /// The gradient is the slope that finite differences measure along a direction and, in small cases, along each
    /// coordinate.
    let gradientIsSlope (loss: Loss) (pair: IPair) (direction: Direction) =
        Evaluate.guarded loss pair (fun () ->
            let shape = pair.Student.Shape
            let _, gradient = Evaluate.valueAndGradient loss pair
            let count = Numbers.size shape

            let coordinates =
                if count <= smallest then
                    [ for at in 0 .. count - 1 -> Text.element "student" shape at, unit shape at ]
                else
                    []

            let findings =
                [
                    for name, direction in coordinates @ [ "the direction", direction.Of shape ] ->
                        slopeAgrees loss pair gradient name direction
                ]

            // One that cannot be measured must not hide another that is wrong.
            let broken =
                findings
                |> List.tryFind (function
                    | Finding.Broken _ -> true
                    | _ -> false)

            broken
            |> Option.orElse (findings |> List.tryFind (fun finding -> finding <> Finding.Held))
            |> Option.defaultValue Finding.Held)
