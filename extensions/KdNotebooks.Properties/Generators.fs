namespace KdNotebooks.Properties

open System
open FsCheck
open FsCheck.FSharp
open KdNotebooks.Losses

/// Generators of cases and, where the name ends with Smaller, what is tried in place of a case that breaks a claim.
[<RequireQualifiedAccess>]
module Generate =
    let private hundredths low high =
        Gen.choose (int (low * 100.0), int (high * 100.0))
        |> Gen.map (fun n -> float n / 100.0)

    let private ordinary = hundredths -3.0 3.0

    let private fill shape number =
        Gen.arrayOfLength (Numbers.size shape) number
        |> Gen.map (fun values -> { Shape = shape; Values = values })

    let private scaled factor shape =
        fill shape ordinary |> Gen.map (Numbers.map (fun value -> factor * value))

    let private constant shape =
        ordinary |> Gen.map (fun value -> Numbers.init shape (fun _ -> value))

    let private ties shape =
        fill shape (Gen.elements [ -1.0; 0.0; 1.0; 2.0 ])

    // As behind a ReLU.
    let private rectified shape =
        fill shape ordinary |> Gen.map (Numbers.map (max 0.0))

    let private withZeros axis shape =
        gen {
            let! index = Gen.choose (0, List.item axis shape - 1)
            let! numbers = fill shape ordinary
            return numbers |> Numbers.mapi axis (fun at value -> if at = index then 0.0 else value)
        }

    /// Numbers of a shape [N, C, ...] or [N, K], from a range.
    let numbers range shape =
        match range with
        | Fair -> Gen.frequency [ 3, fill shape ordinary; 1, rectified shape ]
        | Wide ->
            Gen.frequency
                [
                    5, fill shape ordinary
                    2, rectified shape
                    2, ties shape
                    1, scaled 300.0 shape
                    1, scaled 1e-3 shape
                    1, constant shape
                    1, Gen.constant (Numbers.init shape (fun _ -> 0.0))
                    1, withZeros 0 shape
                    1, withZeros 1 shape
                ]

    let private imageCount least = Gen.choose (least, max 4 (least + 2))

    let private usualSide = Gen.frequency [ 8, Gen.choose (1, 4); 1, Gen.choose (5, 6) ]

    // One of the two is at least as high and as wide as the other: a loss need not say what to do otherwise.
    let private sizes side fit =
        gen {
            let! a, b, c, d = Gen.four side
            let! same = Gen.elements [ true; false ]
            let! studentIsLarger = Gen.elements [ true; false ]
            let small, large = [ min a b; min c d ], [ max a b; max c d ]

            return
                match same || fit = MapFit.SameShape, studentIsLarger with
                | true, _ -> [ a; c ], [ a; c ]
                | false, true -> large, small
                | false, false -> small, large
        }

    let private shapesOf side mostChannels settings =
        gen {
            let! images = imageCount settings.Images
            let! channels, others = Gen.two (Gen.choose (1, mostChannels))
            let! sameChannels = Gen.elements [ true; false ]
            let! studentSize, teacherSize = sizes side settings.Fit

            let others =
                if settings.Fit = MapFit.Any && not sameChannels then
                    others
                else
                    channels

            return images :: channels :: studentSize, images :: others :: teacherSize
        }

    let private mapShapes = shapesOf usualSide 5

    // A student that is the teacher is where losses are most often not differentiable.
    let private student range shape (teacher: Numbers) =
        let own = numbers range shape

        if range = Wide && shape = teacher.Shape then
            Gen.frequency [ 9, own; 1, Gen.constant teacher ]
        else
            own

    /// Feature maps that a loss of this fit takes.
    let featureMaps (settings: PairSettings) : Gen<FeatureMaps> =
        let drawn =
            gen {
                let! ours, theirs = mapShapes settings
                let! teacher = numbers settings.Range theirs
                let! student = student settings.Range ours teacher
                return { Student = student; Teacher = teacher }: FeatureMaps
            }

        if settings.Range = Fair then
            Gen.where Fairness.maps drawn
        else
            drawn

    // Small enough to weigh as much as a small number beside them: from a tenth to a ten thousandth.
    let private faint (pair: IPair) : Gen<IPair> =
        Gen.choose (1, 4)
        |> Gen.map (fun power ->
            let small = Numbers.map (fun value -> value / 10.0 ** float power)
            pair.With(small pair.Student, small pair.Teacher, pair.Labels))

    // From 5 to 10 positions along each axis: more than what a loss pools to.
    let private largeMaps settings : Gen<FeatureMaps> =
        gen {
            let! ours, theirs = shapesOf (Gen.choose (5, 10)) 2 settings
            let! student = fill ours ordinary
            let! teacher = fill theirs ordinary
            return { Student = student; Teacher = teacher }
        }

    /// Maps of every kind, to tell two formulas apart: of fair and of any numbers, large ones, faint ones.
    let mapsToCompare (settings: PairSettings) : Gen<FeatureMaps> =
        let fair = featureMaps { settings with Range = Fair }

        Gen.frequency
            [
                4, fair
                4, featureMaps { settings with Range = Wide }
                2, largeMaps settings
                2, fair |> Gen.bind faint |> Gen.map (fun pair -> pair :?> FeatureMaps)
            ]

    /// Labels for this many images and classes.
    let targets images classes : Gen<Targets> =
        Gen.arrayOfLength images (Gen.choose (0, classes - 1))
        |> Gen.map (fun labels -> { Classes = classes; Labels = labels })

    let private logitsOf classes (settings: PairSettings) : Gen<Logits> =
        let drawn =
            gen {
                let! images = imageCount settings.Images
                let! classes = classes
                let! teacher = numbers settings.Range [ images; classes ]
                let! student = student settings.Range [ images; classes ] teacher
                let! targets = targets images classes

                return
                    {
                        Student = student
                        Teacher = teacher
                        Targets = targets
                    }
            }

        if settings.Range = Fair then
            Gen.where Fairness.logits drawn
        else
            drawn

    /// Logits of 2 to 6 classes.
    let logits (settings: PairSettings) : Gen<Logits> = logitsOf (Gen.choose (2, 6)) settings

    /// Logits of every kind, to tell two formulas apart: of fair and of any numbers, of many classes, faint ones.
    let logitsToCompare (settings: PairSettings) : Gen<Logits> =
        let fair = logits { settings with Range = Fair }

        Gen.frequency
            [
                4, fair
                4, logits { settings with Range = Wide }
                2, logitsOf (Gen.choose (7, 20)) { settings with Range = Wide }
                2, fair |> Gen.bind faint |> Gen.map (fun pair -> pair :?> Logits)
            ]

    /// Maps for aligners, of at least this many and up to 5 channels on each side. Two images at least: a batch
    /// normalization needs them, and for one alone libtorch asks for NNPACK, and prints a warning where the processor
    /// has none of it.
    let alignerCaseOf range channels : Gen<AlignerCase> =
        gen {
            let! images = Gen.choose (2, 3)
            let! ours, theirs = Gen.two (Gen.choose (channels, 5))
            let! height, width = Gen.two (Gen.choose (1, 4))
            let! student = numbers range [ images; ours; height; width ]
            let! weights = Gen.choose (0, 1_000_000)

            return
                {
                    Student = student
                    TeacherChannels = theirs
                    Weights = weights
                }
        }

    /// The same, of any numbers.
    let alignerCase channels : Gen<AlignerCase> = alignerCaseOf Wide channels

    /// For up to this many things; of more, the last stay where they are.
    let permutation most : Gen<Permutation> =
        Gen.arrayOfLength most (Gen.choose (0, most - 1))
        |> Gen.map (fun picks -> { Picks = List.ofArray picks })

    /// From 0.25 to 20, as they are used: 1 and 4 often.
    let temperature: Gen<Temperature> =
        Gen.oneof [ Gen.elements [ 1.0; 4.0 ]; hundredths 0.25 20.0 ]
        |> Gen.map Temperature

    let private positive = hundredths 0.25 4.0

    let positiveScale: Gen<PositiveScale> = Gen.map PositiveScale positive

    /// From -50 to 50.
    let shifts: Gen<Shifts> =
        Gen.arrayOfLength 6 (hundredths -50.0 50.0)
        |> Gen.map (fun numbers -> { Numbers = List.ofArray numbers })

    /// Factors from 0.25 to 4, shifts from -3 to 3.
    let positiveAffine: Gen<PositiveAffine> =
        Gen.arrayOfLength 6 (Gen.zip positive ordinary)
        |> Gen.map (fun steps -> { Steps = List.ofArray steps })

    let orthogonal: Gen<Orthogonal> =
        let axis = Gen.choose (0, 59)

        gen {
            let! count = Gen.choose (1, 8)

            let! turns =
                Gen.listOfLength count (Gen.zip3 axis axis (Gen.map float (Gen.choose (-180, 180))))

            return { Turns = turns }
        }

    let similarity: Gen<Similarity> =
        gen {
            let! turn = orthogonal
            let! factor = positive
            let! shift = Gen.arrayOfLength 6 ordinary

            return
                {
                    Turn = turn
                    Factor = factor
                    Shift = { Numbers = List.ofArray shift }
                }
        }

    let direction: Gen<Direction> = Gen.choose (0, 1_000_000) |> Gen.map Direction
