namespace KdNotebooks.Properties

open System
open KdNotebooks.Losses
open TorchSharp

/// What holds for some logit losses, one function each.
[<RequireQualifiedAccess>]
module LogitInvariant =
    /// A number added to all logits of an image, the student's or the teacher's, does not matter.
    let logitShift (loss: Loss) (logits: Logits) (shifts: Shifts) =
        let shifted = Numbers.mapi 0 (fun image value -> value + shifts.Of image)

        Evaluate.all
            [
                fun () ->
                    Pair.withStudent (shifted logits.Student) logits
                    |> Evaluate.unchanged Tolerance.Exact loss logits "with the student's logits shifted"
                fun () ->
                    Pair.withTeacher (shifted logits.Teacher) logits
                    |> Evaluate.unchanged Tolerance.Exact loss logits "with the teacher's logits shifted"
            ]

    let internal softmax temperature (row: float[]) =
        let largest = Array.max row
        let powers = row |> Array.map (fun value -> exp ((value - largest) / temperature))
        let sum = Array.sum powers
        powers |> Array.map (fun power -> power / sum)

    let private rows (numbers: Numbers) =
        Array.chunkBySize numbers.Shape[1] numbers.Values

    let private probabilities (numbers: Numbers) =
        { numbers with
            Values = rows numbers |> Array.collect (softmax 1.0)
        }

    /// The term between classes does not change when each row of the student's probabilities, or of the teacher's, goes
    /// through a positive affine map of its own.
    let affineRows (loss: IClassRelation) (logits: Logits) (affine: PositiveAffine) =
        let between =
            Loss.unlabelled (fun student teacher -> loss.BetweenClasses(student, teacher))

        let student, teacher = probabilities logits.Student, probabilities logits.Teacher
        let pair = (logits :> IPair).With(student, teacher, logits.Targets.Labels)
        let mapped = Numbers.mapi 0 (fun row value -> affine.Apply(row, value))

        Evaluate.all
            [
                fun () ->
                    Pair.withStudent (mapped student) pair
                    |> Evaluate.unchanged Tolerance.Scaled between pair "with the student's rows mapped"
                fun () ->
                    Pair.withTeacher (mapped teacher) pair
                    |> Evaluate.unchanged Tolerance.Scaled between pair "with the teacher's rows mapped"
            ]

    let private divergence temperature (student: float[]) (teacher: float[]) =
        let p, q = softmax temperature teacher, softmax temperature student

        temperature
        * temperature
        * Array.sum (Array.map2 (fun p q -> p * Math.Log(p / q)) p q)

    /// KD = TCKD + (1 - p_target) NCKD for each image, with p the teacher's softened probability.
    let decomposition (loss: IDecoupled) (logits: Logits) =
        let compute: Loss =
            fun student teacher labels -> loss.Compute(student, teacher, labels)

        Evaluate.guarded compute logits (fun () ->
            use scope = torch.NewDisposeScope()
            let student, teacher = Numbers.tensor logits.Student, Numbers.tensor logits.Teacher
            let struct (target, other) = loss.Terms(student, teacher, Evaluate.labels logits)
            let target, other = Numbers.ofTensor target, Numbers.ofTensor other
            let images = Pair.images logits

            if target.Shape <> [ images ] || other.Shape <> [ images ] then
                Finding.Broken $"its terms have the shapes {target.Shape} and {other.Shape}; expected [{images}] each"
            else
                Seq.zip3 (rows logits.Student) (rows logits.Teacher) (Seq.indexed logits.Targets.Labels)
                |> Seq.map (fun (student, teacher, (image, label)) ->
                    let kd = divergence loss.Temperature student teacher
                    let certain = (softmax loss.Temperature teacher)[label]
                    let sum = target.Values[image] + (1.0 - certain) * other.Values[image]

                    if Evaluate.near Tolerance.Exact kd sum then
                        Finding.Held
                    else
                        let kd, sum = Text.two kd sum

                        Finding.Broken
                            $"of image {image} KD is {kd}; the target term and its share of the other make {sum}")
                |> Seq.tryFind (fun outcome -> outcome <> Finding.Held)
                |> Option.defaultValue Finding.Held)
