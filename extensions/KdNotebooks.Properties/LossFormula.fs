namespace KdNotebooks.Properties

open System
open KdNotebooks.Losses
open KdNotebooks.Runtime
open MathNet.Numerics

/// The numbers that a module has: what is trained, and what is not.
type Weights =
    {
        /// Under their names, in the module's order.
        Parameters: (string * Numbers) list
        Buffers: (string * Numbers) list
    }

/// A loss once more, written out on plain numbers in float64, without torch: what it computes is compared with it.
type LossFormula =
    {
        /// Which maps it takes; logits do not ask.
        Fit: MapFit
        /// The fewest images that it takes.
        Images: int
        /// Values below this say nothing but how a logarithm of nothing was kept finite.
        Floor: float
        /// The value for a pair; with the weights of the module, where the loss was built for a connection.
        Value: Weights option -> IPair -> float
    }

    /// A plain function of student, teacher and labels, for maps of one shape or logits.
    static member Of(value: IPair -> float) =
        {
            Fit = MapFit.SameShape
            Images = 1
            Floor = Double.NegativeInfinity
            Value = fun _ pair -> value pair
        }

/// The formulas of the catalogue's losses (docs/method.md, section 4).
[<RequireQualifiedAccess>]
module LossFormula =
    let private square = Plain.square
    let private perImage (pair: IPair) total = total / float (Pair.images pair)

    // Logits

    /// T² KL(p_t(T) || p_s(T)), mean over images.
    let kd temperature (pair: IPair) =
        Array.map2 (Plain.divergence temperature) (Plain.rows pair.Student) (Plain.rows pair.Teacher)
        |> Array.average
        |> (*) (square temperature)

    // The logits of the true class and of all others together: the softmax of the two is (p, 1 - p).
    let private binary (temperature: float) label (row: float[]) =
        let others = Array.removeAt label row
        let largest = Array.max others

        let together =
            largest
            + temperature
              * log (others |> Array.sumBy (fun z -> exp ((z - largest) / temperature)))

        [| row[label]; together |]

    let dkd alpha beta temperature (pair: IPair) =
        Array.zip3 (Plain.rows pair.Student) (Plain.rows pair.Teacher) pair.Labels
        |> Array.averageBy (fun (student, teacher, label) ->
            let target =
                Plain.divergence temperature (binary temperature label student) (binary temperature label teacher)

            let other =
                Plain.divergence temperature (Array.removeAt label student) (Array.removeAt label teacher)

            square temperature * (alpha * target + beta * other))

    let dist beta gamma temperature (pair: IPair) =
        let q = Plain.rows pair.Student |> Array.map (Plain.softmax temperature)
        let p = Plain.rows pair.Teacher |> Array.map (Plain.softmax temperature)

        let related a b =
            Array.average (Array.map2 (Plain.correlation 1e-8) a b)

        square temperature
        * (beta * (1.0 - related q p)
           + gamma * (1.0 - related (Array.transpose q) (Array.transpose p)))

    // Maps

    let l2 reduction (pair: IPair) =
        let mean = Plain.meanSquare pair.Student pair.Teacher

        match reduction with
        | Reduction.Mean -> mean
        | _ -> mean * float (Numbers.size pair.Student.Shape.Tail)

    /// Without scores all positions weigh alike.
    let scoreL2 (pair: IPair) =
        Plain.meanSquare pair.Student pair.Teacher

    // For each image a vector over positions, of length 1: the mean over channels of a power.
    let private attention power (map: Numbers) =
        [|
            for n in Plain.images map ->
                Plain.positions map
                |> Array.map (fun (y, x) ->
                    Plain.channels map |> Array.averageBy (fun c -> power (Plain.at map n c y x)))
                |> Plain.direction
        |]

    let at (power: float) (pair: IPair) =
        let student, teacher = Plain.atSmallerSize pair.Student pair.Teacher
        let energy x = abs x ** power
        Plain.meanOver square (attention energy student) (attention energy teacher)

    let ft (power: int) (degree: int) (pair: IPair) =
        let student, teacher = Plain.atSmallerSize pair.Student pair.Teacher
        let factor = attention (fun x -> pown x power)
        Plain.meanOver (fun d -> pown (abs d) degree) (factor student) (factor teacher)

    let sp (pair: IPair) =
        let similarities (map: Numbers) =
            let whole = Array.chunkBySize (Numbers.size map.Shape.Tail) map.Values

            whole
            |> Array.map (fun a -> whole |> Array.map (Plain.dot a) |> Plain.direction)

        Plain.meanOver square (similarities pair.Student) (similarities pair.Teacher)

    let nst (pair: IPair) =
        let student, teacher = Plain.atSmallerSize pair.Student pair.Teacher

        let selectivity map n =
            [| for c in Plain.channels map -> Plain.direction (Plain.line map n c) |]

        let kernel a b =
            Array.allPairs a b |> Array.averageBy (fun (x, y) -> square (Plain.dot x y))

        Plain.images student
        |> Array.averageBy (fun n ->
            let s, t = selectivity student n, selectivity teacher n
            kernel s s + kernel t t - 2.0 * kernel s t)

    let rkd distance angle (pair: IPair) =
        let difference a b = Array.map2 (-) b a

        let distances (points: float[][]) =
            let each =
                points |> Array.map (fun a -> points |> Array.map (difference a >> Plain.norm))

            let count = points.Length * (points.Length - 1)
            let mean = Array.sumBy Array.sum each / float count

            each
            |> Array.map (Array.map (fun length -> if mean < 1e-30 then 0.0 else length / mean))

        let angles (points: float[][]) =
            [|
                for a in points ->
                    let ways = points |> Array.map (difference a >> Plain.direction)
                    Array.allPairs ways ways |> Array.map (fun (x, y) -> Plain.dot x y)
            |]

        let student, teacher = Plain.pooled pair.Student, Plain.pooled pair.Teacher

        distance * Plain.meanOver Plain.smoothL1 (distances student) (distances teacher)
        + angle * Plain.meanOver Plain.smoothL1 (angles student) (angles teacher)

    let pkt (pair: IPair) =
        let epsilon = 1e-7

        let neighbours map =
            let ways =
                Plain.pooled map
                |> Array.map (fun a ->
                    let length = Plain.norm a
                    a |> Array.map (fun x -> if length < 1e-30 then 0.0 else x / (length + epsilon)))

            ways
            |> Array.map (fun a ->
                let similar = ways |> Array.map (fun b -> max 0.0 ((Plain.dot a b + 1.0) / 2.0))
                similar |> Array.map (fun s -> s / Array.sum similar))

        Array.map2
            (fun p q -> p * log ((p + epsilon) / (q + epsilon)))
            (Array.concat (neighbours pair.Teacher))
            (Array.concat (neighbours pair.Student))
        |> Array.average

    let private congruence (student: float[][]) (teacher: float[][]) =
        Array.map2 (Array.map2 (fun s t -> abs (s - t))) student teacher
        |> Array.pairwise
        |> Array.averageBy (fun (a, b) -> Plain.dot a b)

    let cc (pair: IPair) =
        congruence (Plain.pooled pair.Student) (Plain.pooled pair.Teacher)

    // W x + b for each feature
    let private embedded (weight: Numbers) (bias: Numbers) (features: float[][]) =
        features
        |> Array.map (fun x -> Array.map2 (fun row b -> Plain.dot row x + b) (Plain.rows weight) bias.Values)

    let private unlike (weights: Weights) expected =
        let shapes =
            weights.Parameters
            |> List.map (fun (name, numbers) -> $"{name} {numbers.Shape}")
            |> String.concat ", "

        raise (KdException $"its weights are {shapes}; expected {expected}.")

    let private ccEmbedded size (weights: Weights) (pair: IPair) =
        let shape (map: Numbers) = [ size; map.Shape[1] ]

        match weights.Parameters |> List.map snd with
        | [ ours; oursBias; theirs; theirsBias ] when
            ours.Shape = shape pair.Student && theirs.Shape = shape pair.Teacher
            ->
            congruence
                (embedded ours oursBias (Plain.pooled pair.Student))
                (embedded theirs theirsBias (Plain.pooled pair.Teacher))
        | _ -> unlike weights $"the student's embedding and the teacher's of size {size}, each a weight and a bias"

    // One variance for each channel.
    let private likelihood (variance: int -> float) (pair: IPair) =
        let size = Numbers.size (List.skip 2 pair.Student.Shape)
        let channels = pair.Student.Shape[1]

        Array.mapi2
            (fun at s t ->
                let variance = variance (at / size % channels)
                (square (s - t) / variance + log variance) / 2.0)
            pair.Student.Values
            pair.Teacher.Values
        |> Array.average

    let vid variance (pair: IPair) = likelihood (fun _ -> variance) pair

    let private vidLearned (weights: Weights) (pair: IPair) =
        match weights.Parameters with
        | [ _, rho ] when rho.Values.Length = pair.Teacher.Shape[1] ->
            likelihood (fun channel -> log (1.0 + exp rho.Values[channel]) + 1e-5) pair
        | _ -> unlike weights "one number for each of the teacher's channels"

    let ab margin (pair: IPair) =
        Array.map2
            (fun s t -> square (max 0.0 (margin - (if t > 0.0 then s else -s))))
            pair.Student.Values
            pair.Teacher.Values
        |> Array.sum
        |> (*) (3.0 / 1000.0)
        |> perImage pair

    /// One margin for each channel.
    let private partial (margin: int -> float) (pair: IPair) =
        let size = Numbers.size (List.skip 2 pair.Student.Shape)
        let channels = pair.Student.Shape[1]

        Array.mapi2
            (fun at s t ->
                let target = max t (margin (at / size % channels))
                if t > 0.0 || s > target then square (s - target) else 0.0)
            pair.Student.Values
            pair.Teacher.Values
        |> Array.sum
        |> perImage pair

    let ofd margin (pair: IPair) = partial (fun _ -> margin) pair

    /// Mean and deviation of each channel, as if the map came out of a batch normalization; in single precision, as
    /// that has them.
    let internal statistics (map: Numbers) =
        Plain.channels map
        |> Array.map (fun c ->
            let values = Plain.column map c
            let mean = Array.average values
            let variance = values |> Array.averageBy (fun value -> square (value - mean))
            float32 mean, float32 (sqrt variance))

    // The mean of what is below 0 of a normal distribution; where that is at most a thousandth, three deviations.
    let private meanOfNegative (mean: float32, deviation: float32) =
        let mean, deviation = float mean, float deviation

        if deviation = 0.0 then
            min mean 0.0
        else
            let height = exp (-(square (mean / deviation)) / 2.0) / sqrt (2.0 * Math.PI)
            let share = SpecialFunctions.Erfc(mean / deviation / sqrt 2.0) / 2.0

            if share > 0.001 then
                mean - deviation * height / share
            else
                -3.0 * deviation

    let private ofdOfStatistics (pair: IPair) =
        let margins = statistics pair.Teacher |> Array.map meanOfNegative
        partial (fun channel -> margins[channel]) pair

    let cwd temperature (pair: IPair) =
        let lines (map: Numbers) =
            Array.chunkBySize (Numbers.size (List.skip 2 map.Shape)) map.Values

        Array.map2 (Plain.divergence temperature) (lines pair.Student) (lines pair.Teacher)
        |> Array.average
        |> (*) (square temperature)

    let pkd (pair: IPair) =
        let teacher = pair.Teacher
        let student = Plain.bilinear teacher.Shape[2] teacher.Shape[3] pair.Student

        let standardized (map: Numbers) =
            [|
                for c in Plain.channels map ->
                    let numbers = Plain.centred (Plain.column map c)
                    let deviation = Plain.norm numbers / sqrt (float numbers.Length - 1.0)
                    numbers |> Array.map (fun x -> x / (deviation + 1e-6))
            |]

        Plain.meanOver square (standardized student) (standardized teacher) / 2.0

    /// All is background, for no boxes are known; `related` is what the contexts make of student and teacher.
    let private focal background attention relation temperature related (pair: IPair) =
        let size (map: Numbers) n c y x = abs (Plain.at map n c y x)

        // A softmax times how many it has.
        let attended (means: float[]) =
            Plain.softmax temperature means |> Array.map ((*) (float means.Length))

        let inSpace map n =
            Plain.positions map
            |> Array.map (fun (y, x) -> Plain.channels map |> Array.averageBy (fun c -> size map n c y x))
            |> attended

        let inChannels map n =
            Plain.channels map
            |> Array.map (fun c -> Plain.positions map |> Array.averageBy (fun (y, x) -> size map n c y x))
            |> attended

        let student, teacher = pair.Student, pair.Teacher

        let apart a b =
            Array.map2 (fun x y -> abs (x - y)) a b |> Array.sum

        let ofImage n =
            let space, channels = inSpace teacher n, inChannels teacher n

            let weighed =
                Plain.positions teacher
                |> Array.mapi (fun at (y, x) ->
                    Plain.channels teacher
                    |> Array.sumBy (fun c ->
                        space[at]
                        * channels[c]
                        * square (Plain.at student n c y x - Plain.at teacher n c y x)))
                |> Array.average

            background * weighed
            + attention
              * (apart space (inSpace student n) + apart channels (inChannels student n))

        let ours, theirs = related student teacher
        let unlike = Plain.meanSquare ours theirs * float (Numbers.size ours.Shape)

        (Array.sumBy ofImage (Plain.images student) + relation * unlike)
        |> perImage pair

    let fgd background attention relation temperature (pair: IPair) =
        focal background attention relation temperature (fun student teacher -> student, teacher) pair

    let private fgdLearned background attention relation temperature (all: Weights) (pair: IPair) =
        let sevenEach = "the student's context and the teacher's, of seven each"

        let related student teacher =
            match all.Parameters |> List.map snd |> List.chunkBySize 7 with
            | [] when relation = 0.0 -> student, teacher
            | [ ours; theirs ] ->
                let context (weights: Numbers list) map =
                    match weights with
                    | [ attention; squeeze; squeezeBias; factor; shift; expand; expandBias ] ->
                        Plain.globalContext
                            attention
                            (squeeze, squeezeBias.Values)
                            factor.Values
                            shift.Values
                            (expand, expandBias.Values)
                            map
                    | _ -> unlike all sevenEach

                context ours student, context theirs teacher
            | _ -> unlike all sevenEach

        focal background attention relation temperature related pair

    let hcl (pair: IPair) =
        let levels = [ 4; 2; 1 ] |> List.filter (fun level -> level < pair.Student.Shape[2])

        let terms =
            (1.0, Plain.meanSquare pair.Student pair.Teacher)
            :: [
                for index, level in List.indexed levels ->
                    0.5 ** float (index + 1),
                    Plain.meanSquare (Plain.pool level level pair.Student) (Plain.pool level level pair.Teacher)
            ]

        List.sumBy (fun (weight, term) -> weight * term) terms / List.sumBy fst terms

    let srd (exponent: float) (pair: IPair) =
        let standardized map =
            Plain.pooled map
            |> Array.transpose
            |> Array.map (fun column ->
                let column = Plain.centred column
                let variance = Plain.dot column column / float column.Length
                column |> Array.map (fun x -> x / sqrt (variance + 1e-4)))

        Array.map2
            (fun s t -> abs (s - t) ** exponent)
            (Array.concat (standardized pair.Student))
            (Array.concat (standardized pair.Teacher))
        |> Array.sum
        |> max 1.17549435e-38
        |> log

    let vkd (pair: IPair) =
        let normalized (row: float[]) =
            let row = Plain.centred row
            let variance = Plain.dot row row / float row.Length
            row |> Array.map (fun x -> x / sqrt (variance + 1e-5))

        Plain.meanOver Plain.smoothL1 (Plain.pooled pair.Student) (Plain.pooled pair.Teacher |> Array.map normalized)

    let cosine (pair: IPair) =
        Array.map2
            (fun s t -> 1.0 - Plain.dot (Plain.direction s) (Plain.direction t))
            (Plain.pooled pair.Student)
            (Plain.pooled pair.Teacher)
        |> Array.average

    // By kind

    let private plain value = LossFormula.Of value

    let private ofFit fit images value =
        { LossFormula.Of value with
            Fit = fit
            Images = images
        }

    let private builtOr fit images (built: Weights -> IPair -> float) (value: IPair -> float) =
        { ofFit fit images value with
            Value = Option.map built >> Option.defaultValue value
        }

    let private margins part =
        match Options.missing part "Margin" with
        | Some margin -> plain (ofd margin)
        | None ->
            { plain ofdOfStatistics with
                Value =
                    function
                    | Some _ -> ofdOfStatistics
                    | None ->
                        raise (
                            KdException
                                "its margins come from the teacher's batch normalization, which a function does not \
                                see; compare it with one margin, as OfdLoss(-1)."
                        )
            }

    // What the catalogue says of each option where nothing else is said stands here once more.
    let private all: (string * (obj -> LossFormula)) list =
        let number name usual part = Options.number part name usual
        let temperature = number "Temperature"

        [
            "kd", (fun part -> plain (kd (temperature 4.0 part)))
            "dkd", (fun part -> plain (dkd (number "Alpha" 1.0 part) (number "Beta" 8.0 part) (temperature 4.0 part)))
            "dist",
            (fun part ->
                dist (number "Beta" 1.0 part) (number "Gamma" 1.0 part) (temperature 1.0 part)
                |> ofFit MapFit.SameShape 2)
            "l2", (fun part -> plain (l2 (Options.choice part "Reduction" Reduction.Mean)))
            "score-l2", (fun _ -> plain scoreL2)
            "at", (fun part -> ofFit MapFit.Any 1 (at (number "Power" 2.0 part)))
            "sp", (fun _ -> ofFit MapFit.Any 2 sp)
            "nst", (fun _ -> ofFit MapFit.Any 1 nst)
            "rkd",
            (fun part ->
                rkd (number "DistanceWeight" 25.0 part) (number "AngleWeight" 50.0 part)
                |> ofFit MapFit.Any 3)
            "pkt", (fun _ -> ofFit MapFit.Any 2 pkt)
            "cc",
            (fun part ->
                let built =
                    match Options.read part "Embedding" (Some 128) with
                    | Some(:? int as size) -> ccEmbedded size
                    | _ -> fun _ -> cc

                builtOr MapFit.SameChannels 2 built cc)
            "vid", (fun part -> builtOr MapFit.SameShape 1 vidLearned (vid (number "InitialVariance" 5.0 part)))
            "ab", (fun part -> plain (ab (number "Margin" 1.0 part)))
            "fgd",
            (fun part ->
                let with' formula =
                    formula
                        (number "Background" 5e-4 part)
                        (number "Attention" 5e-4 part)
                        (number "Relation" 5e-6 part)
                        (temperature 0.5 part)

                builtOr MapFit.SameShape 1 (with' fgdLearned) (with' fgd))
            "ft", (fun part -> ofFit MapFit.Any 1 (ft (Options.whole part "Power" 2) (Options.whole part "Norm" 1)))
            "ofd", margins
            "cwd", (fun part -> plain (cwd (temperature 1.0 part)))
            // Of one number in each channel there is no deviation: so two images.
            "pkd", (fun _ -> ofFit MapFit.SameChannels 2 pkd)
            "hcl", (fun _ -> plain hcl)
            "srd",
            (fun part ->
                { ofFit MapFit.SameChannels 2 (srd (number "Exponent" 4.0 part)) with
                    Floor = -20.0
                })
            "vkd", (fun _ -> ofFit MapFit.SameChannels 1 vkd)
            "cosine", (fun _ -> ofFit MapFit.SameChannels 1 cosine)
        ]

    /// The names of the losses whose formulas are here.
    let kinds = List.map fst all

    /// The formula of a kind of loss, with the options that a part has under their names; the usual ones for others.
    let internal tryFind kind (options: obj) =
        all
        |> List.tryFind (fun (other, _) -> other = kind)
        |> Option.map (fun (_, make) -> make options)
