namespace KdNotebooks.Properties

open System
open KdNotebooks.Losses

/// What is tried in place of a case that breaks a claim, the boldest first: fewer images, channels and positions, then
/// rounder numbers. Each step makes a case simpler, so that trying ends.
[<RequireQualifiedAccess>]
module Smaller =
    // 0, then 1, then the other whole numbers by size, then tenths, then what is left.
    let private rank (value: float) =
        let size = min (abs value) 1e5

        let kind =
            if value = Math.Round value then 0.0
            elif value * 10.0 = Math.Round(value * 10.0) then 1e6
            else 2e6

        if value = 1.0 then
            0.25
        else
            kind + size + (if value < 0.0 then 0.5 else 0.0)

    let private simpler (value: float) =
        [ 0.0; 1.0; Math.Round value; Math.Truncate(value / 2.0); Math.Round(value, 1) ]
        |> List.filter (fun other -> rank other < rank value)
        |> List.distinct

    /// One number: 0 and 1, then rounder ones.
    let number value : float seq = simpler value

    /// A number above 0.
    let positive value : float seq =
        1.0 :: 2.0 :: List.filter (fun other -> other > 0.0) (simpler value)
        |> Seq.distinct
        |> Seq.filter (fun other -> rank other < rank value)

    /// The first few items, then all with one that is simpler.
    let list (item: 'a -> 'a seq) (items: 'a list) : 'a list seq =
        seq {
            for length in 0 .. items.Length - 1 do
                List.take length items

            for at, value in List.indexed items do
                for other in item value do
                    List.updateAt at other items
        }

    /// One of two at a time.
    let both (first: 'a -> 'a seq) (second: 'b -> 'b seq) (a, b) : ('a * 'b) seq =
        seq {
            for x in first a -> x, b
            for y in second b -> a, y
        }

    let private wholeNumber (value: int) : int seq =
        seq {
            if value > 0 then
                0

            if value > 1 then
                value / 2
                value - 1
        }

    /// Rounder numbers: all of them, then one at a time.
    let numbers (numbers: Numbers) : Numbers seq =
        seq {
            for change in [ (fun _ -> 0.0); round; (fun value -> Math.Round(value, 1)) ] do
                let changed = Numbers.map change numbers

                if changed <> numbers then
                    changed

            for at, value in Array.indexed numbers.Values do
                for other in simpler value do
                    { numbers with
                        Values = Array.updateAt at other numbers.Values
                    }
        }

    // The halves of 0 to count - 1, then all but one of them; at least `least` stay.
    let private fewer least count =
        seq {
            let half = count / 2

            if half >= least && half > 1 then
                yield [| 0 .. half - 1 |]
                yield [| half .. count - 1 |]

            if count > least then
                for left in count - 1 .. -1 .. 0 do
                    yield Array.removeAt left [| 0 .. count - 1 |]
        }

    /// Fewer images, at least this many.
    let images least (pair: IPair) : IPair seq =
        fewer least (Pair.images pair)
        |> Seq.map (fun kept -> Pair.takeImages kept pair)

    let private values (pair: IPair) =
        seq {
            for student in numbers pair.Student -> Pair.withStudent student pair
            for teacher in numbers pair.Teacher -> Pair.withTeacher teacher pair
        }

    let private along axis (student: Numbers) (teacher: Numbers) =
        fewer 1 (List.item axis student.Shape)
        |> Seq.map (fun kept -> Numbers.take axis kept student, Numbers.take axis kept teacher)

    // Of two maps of different sizes one stays at least as high and as wide as the other.
    let private oneIsLarger (a: Numbers) (b: Numbers) =
        let pairs = List.zip (List.skip 2 a.Shape) (List.skip 2 b.Shape)

        List.forall (fun (x, y) -> x >= y) pairs
        || List.forall (fun (x, y) -> x <= y) pairs

    let private axes fit (maps: FeatureMaps) =
        seq {
            for axis in 1..3 do
                let {
                        FeatureMaps.Student = student
                        Teacher = teacher
                    } =
                    maps

                if List.item axis student.Shape = List.item axis teacher.Shape then
                    yield! along axis student teacher

                if fit = MapFit.Any || (fit = MapFit.SameChannels && axis > 1) then
                    for kept in fewer 1 (List.item axis student.Shape) -> Numbers.take axis kept student, teacher
                    for kept in fewer 1 (List.item axis teacher.Shape) -> student, Numbers.take axis kept teacher
        }
        |> Seq.filter (fun (student, teacher) -> oneIsLarger student teacher)
        |> Seq.map (fun (student, teacher) -> { Student = student; Teacher = teacher }: FeatureMaps)

    // Small maps with numbers that are always the same, before anything is made of the case itself: what breaks a claim
    // breaks it for them most often, and they get past shapes between that are not well conditioned.
    let private sample (shape: int list) (offset: int) =
        Numbers.init shape (fun at -> float ((2 * at + offset) % 5 + 1) / 2.0)

    let private smallShapes least (rest: int list list) (current: int list) =
        seq {
            for images in least .. least + 2 do
                for sizes in rest do
                    if Numbers.size (images :: sizes) < Numbers.size current then
                        images :: sizes
        }

    let private samples least (maps: FeatureMaps) =
        seq {
            let rest = [ [ 1; 1; 1 ]; [ 1; 1; 2 ]; [ 2; 1; 1 ]; [ 2; 1; 2 ]; [ 2; 2; 2 ] ]

            for shape in smallShapes least rest maps.Student.Shape ->
                {
                    Student = sample shape 0
                    Teacher = sample shape 4
                }
                : FeatureMaps
        }

    /// Feature maps that the same settings could have given.
    let featureMaps (settings: PairSettings) (maps: FeatureMaps) : FeatureMaps seq =
        let fair (maps: FeatureMaps) =
            settings.Range = Wide || Fairness.maps maps

        seq {
            yield! samples settings.Images maps
            yield! images settings.Images maps |> Seq.cast<FeatureMaps>
            yield! axes settings.Fit maps
            yield! values maps |> Seq.cast<FeatureMaps>
        }
        |> Seq.filter fair

    /// Fewer images, fewer classes, smaller labels.
    let targets (targets: Targets) : Targets seq =
        seq {
            for at, label in Array.indexed targets.Labels do
                for other in wholeNumber label do
                    { targets with
                        Labels = Array.updateAt at other targets.Labels
                    }
        }

    let private classes (logits: Logits) =
        seq {
            for kept in fewer 2 logits.Targets.Classes do
                // Of a class that is gone the images become class 0.
                let label old = max 0 (Array.IndexOf(kept, old))

                {
                    Student = Numbers.take 1 kept logits.Student
                    Teacher = Numbers.take 1 kept logits.Teacher
                    Targets =
                        {
                            Classes = kept.Length
                            Labels = Array.map label logits.Targets.Labels
                        }
                }
        }

    let private logitSamples least (logits: Logits) =
        seq {
            for shape in smallShapes least [ [ 2 ]; [ 3 ] ] logits.Student.Shape ->
                {
                    Student = sample shape 0
                    Teacher = sample shape 4
                    Targets =
                        {
                            Classes = shape[1]
                            Labels = Array.zeroCreate shape[0]
                        }
                }
        }

    /// Logits that the same settings could have given.
    let logits (settings: PairSettings) (logits: Logits) : Logits seq =
        let fair (logits: Logits) =
            settings.Range = Wide || Fairness.logits logits

        seq {
            yield! logitSamples settings.Images logits
            yield! images settings.Images logits |> Seq.cast<Logits>
            yield! classes logits
            for other in targets logits.Targets -> { logits with Targets = other }
            yield! values logits |> Seq.cast<Logits>
        }
        |> Seq.filter fair

    /// Fewer images, channels, positions and teacher's channels, rounder numbers, weights of a smaller number; at least
    /// two images and this many channels stay.
    let alignerCase channels (case: AlignerCase) : AlignerCase seq =
        seq {
            for axis, least in List.indexed [ 2; channels; 1; 1 ] do
                for kept in fewer least (List.item axis case.Student.Shape) do
                    yield
                        { case with
                            Student = Numbers.take axis kept case.Student
                        }

            for fewer in wholeNumber case.TeacherChannels do
                if fewer >= channels then
                    yield { case with TeacherChannels = fewer }

            for weights in wholeNumber case.Weights do
                yield { case with Weights = weights }

            for student in numbers case.Student do
                yield { case with Student = student }
        }

    /// More that stays where it is.
    let permutation (order: Permutation) : Permutation seq =
        list wholeNumber order.Picks |> Seq.map (fun picks -> { Picks = picks })

    let shifts (shifts: Shifts) : Shifts seq =
        list number shifts.Numbers |> Seq.map (fun numbers -> { Numbers = numbers })

    let positiveAffine (affine: PositiveAffine) : PositiveAffine seq =
        list (both positive number) affine.Steps
        |> Seq.map (fun steps -> { Steps = steps })

    // Quarter turns first: their matrices hold zeros and ones.
    let private degrees (value: float) =
        [ 0.0; 90.0; 180.0 ]
        |> Seq.takeWhile (fun other -> other <> value)
        |> Seq.filter (fun _ -> value <> 0.0)

    let orthogonal (orthogonal: Orthogonal) : Orthogonal seq =
        let turns =
            [
                for at in 0 .. orthogonal.Turns.Length - 1 -> List.removeAt at orthogonal.Turns
            ]

        let turn (a, b, angle) =
            seq {
                for other in degrees angle -> a, b, other
                for other in wholeNumber a -> other, b, angle
                for other in wholeNumber b -> a, other, angle
            }

        Seq.append turns (list turn orthogonal.Turns)
        |> Seq.map (fun turns -> { Turns = turns })

    let similarity (similarity: Similarity) : Similarity seq =
        seq {
            for turn in orthogonal similarity.Turn -> { similarity with Turn = turn }
            for factor in positive similarity.Factor -> { similarity with Factor = factor }
            for shift in shifts similarity.Shift -> { similarity with Shift = shift }
        }

    let direction (Direction seed) : Direction seq = wholeNumber seed |> Seq.map Direction
