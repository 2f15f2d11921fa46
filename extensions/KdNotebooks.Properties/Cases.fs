namespace KdNotebooks.Properties

open System
open KdNotebooks.Runtime

/// What a loss compares: the student's and the teacher's numbers for the same images.
type IPair =
    /// Images along axis 0.
    abstract Student: Numbers

    /// Images along axis 0, as many as the student's.
    abstract Teacher: Numbers

    /// The true class of each image; zeros for maps.
    abstract Labels: int[]

    /// The same kind of case with other numbers.
    abstract With: student: Numbers * teacher: Numbers * labels: int[] -> IPair

/// Feature maps [N, C, H, W] of the same images; channels, height and width may differ where a loss takes that.
type FeatureMaps =
    {
        Student: Numbers
        Teacher: Numbers
    }

    override maps.ToString() =
        string (maps.Student.Named "student")
        + "\n"
        + string (maps.Teacher.Named "teacher")

    interface IPair with
        member maps.Student = maps.Student
        member maps.Teacher = maps.Teacher
        member maps.Labels = Array.zeroCreate maps.Student.Shape.Head

        member _.With(student, teacher, _) =
            { Student = student; Teacher = teacher }

/// The true class of each image, for K classes.
type Targets = { Classes: int; Labels: int[] }

/// Raw logits [N, K] of the same images, with the true classes.
type Logits =
    {
        Student: Numbers
        Teacher: Numbers
        Targets: Targets
    }

    override logits.ToString() =
        [
            logits.Student.Named "student"
            logits.Teacher.Named "teacher"
            (Numbers.whole logits.Targets.Labels).Named "labels"
        ]
        |> Seq.map string
        |> String.concat "\n"

    interface IPair with
        member logits.Student = logits.Student
        member logits.Teacher = logits.Teacher
        member logits.Labels = logits.Targets.Labels

        member logits.With(student, teacher, labels) =
            {
                Student = student
                Teacher = teacher
                Targets =
                    {
                        Classes = logits.Targets.Classes
                        Labels = labels
                    }
            }

/// A map for an aligner: it is built for these channels, and its weights are filled by a number.
type AlignerCase =
    {
        /// [N, C_s, H, W]
        Student: Numbers
        TeacherChannels: int
        Weights: int
    }

/// An order of any number of things: pick k says which of those that are left comes k-th, counted from 0.
type Permutation =
    {
        Picks: int list
    }

    /// The order of this many: all of 0 to count - 1. No picks leave everything where it is.
    member p.Of(count: int) : int[] =
        let left = ResizeArray(seq { 0 .. count - 1 })

        [|
            for k in 0 .. count - 1 do
                let pick = (p.Picks |> List.tryItem k |> Option.defaultValue 0) % left.Count
                left[pick]
                left.RemoveAt pick
        |]

    /// As a part of a counterexample.
    member p.Parts(count: int) =
        [ (Numbers.whole (p.Of count)).Named "order" ]

/// An order of the images.
type BatchPermutation = BatchPermutation of Permutation

/// An order of the channels.
type ChannelPermutation = ChannelPermutation of Permutation

/// An order of the positions of a map, counted row by row.
type PositionPermutation = PositionPermutation of Permutation

/// What logits are divided by before the softmax; dimensionless, above 0.
type Temperature = Temperature of float

/// A positive factor.
type PositiveScale = PositiveScale of float

/// Numbers to add, one for each image or channel; where there are fewer, they come again.
type Shifts =
    {
        Numbers: float list
    }

    member s.Of(index: int) =
        if s.Numbers.IsEmpty then
            0.0
        else
            s.Numbers[index % s.Numbers.Length]

    /// As a part of a counterexample, for this many.
    member s.Parts(count: int) =
        [ (Numbers.init [ count ] s.Of).Named "shift" ]

/// A positive factor and a number to add, one pair for each channel or row; where there are fewer, they come again.
type PositiveAffine =
    {
        Steps: (float * float) list
    }

    member a.Apply(index: int, value: float) =
        match a.Steps with
        | [] -> value
        | steps ->
            let factor, shift = steps[index % steps.Length]
            factor * value + shift

    /// As a part of a counterexample, for this many.
    member a.Parts(count: int) =
        let shift = Numbers.init [ count ] (fun index -> a.Apply(index, 0.0))

        let factor =
            Numbers.init [ count ] (fun index -> a.Apply(index, 1.0) - shift.Values[index])

        [ factor.Named "factor"; shift.Named "shift" ]

/// An orthogonal map of any number of axes: turns in the plane of two axes by degrees, one after the other. A turn of
/// an axis with itself mirrors it.
type Orthogonal =
    {
        Turns: (int * int * float) list
    }

    /// The matrix for this many axes; quarter turns give zeros and ones exactly.
    member o.Of(count: int) : float[,] =
        let matrix =
            Array2D.init count count (fun row column -> if row = column then 1.0 else 0.0)

        // Of the product of all turns, each new one changes two rows.
        for a, b, degrees in o.Turns do
            let a, b = a % count, b % count
            let quarters = degrees / 90.0
            let exact = quarters = Math.Round quarters

            let cos, sin =
                if exact then
                    let quarter = ((int quarters % 4) + 4) % 4
                    [| 1.0; 0.0; -1.0; 0.0 |][quarter], [| 0.0; 1.0; 0.0; -1.0 |][quarter]
                else
                    let angle = degrees * Math.PI / 180.0
                    cos angle, sin angle

            for column in 0 .. count - 1 do
                let x, y = matrix[a, column], matrix[b, column]

                if a = b then
                    matrix[a, column] <- -x
                else
                    matrix[a, column] <- cos * x - sin * y
                    matrix[b, column] <- sin * x + cos * y

        matrix

    /// As a part of a counterexample, for this many axes.
    member o.Parts(count: int) =
        let matrix = o.Of count

        [
            (Numbers.init [ count; count ] (fun at -> matrix[at / count, at % count])).Named "turn"
        ]

/// A rotation or mirroring, then a scaling, then a translation.
type Similarity =
    {
        Turn: Orthogonal
        Factor: float
        Shift: Shifts
    }

    /// As a part of a counterexample, for this many axes.
    member s.Parts(count: int) =
        s.Turn.Parts count
        @ [ (Numbers.single s.Factor).Named "factor" ]
        @ s.Shift.Parts count

/// A direction in which a slope is taken: numbers from -1 to 1, in tenths, for any shape.
type Direction =
    | Direction of int

    member d.Of(shape: int list) =
        let (Direction seed) = d
        // A tag of this use first, as other users of the stream have theirs.
        let mutable stream = RandomStream.Of(ReadOnlySpan [| 0x646972UL; uint64 seed |])
        let tenths = [| for _ in 1 .. Numbers.size shape -> stream.NextInt 21 - 10 |]
        Numbers.init shape (fun at -> if tenths[at] = 0 then 0.1 else float tenths[at] / 10.0)

/// Pairs of any kind, and what is done to them.
[<RequireQualifiedAccess>]
module Pair =
    let images (pair: IPair) = pair.Student.Shape.Head

    let withStudent student (pair: IPair) =
        pair.With(student, pair.Teacher, pair.Labels)

    let withTeacher teacher (pair: IPair) =
        pair.With(pair.Student, teacher, pair.Labels)

    /// These images, in this order; one may come twice.
    let takeImages (indices: int[]) (pair: IPair) =
        pair.With(
            Numbers.take 0 indices pair.Student,
            Numbers.take 0 indices pair.Teacher,
            [| for index in indices -> pair.Labels[index] |]
        )

    /// The images again and again, up to this many.
    let cycle count (pair: IPair) =
        takeImages [| for index in 0 .. count - 1 -> index % images pair |] pair

    /// Student and teacher alike.
    let equal (pair: IPair) = withStudent pair.Teacher pair
