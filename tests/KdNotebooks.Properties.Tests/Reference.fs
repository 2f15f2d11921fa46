/// Every loss once more, written out as loops over numbers from its formula (docs/method.md, section 4) without torch:
/// what a loss computes is compared with it, so that no change of a value goes unseen.
module KdNotebooks.Properties.Tests.Reference

open System
open FsCheck
open FsCheck.FSharp
open KdNotebooks.Losses
open KdNotebooks.Properties

/// How a loss is drawn, with its options, and what it must give.
type Written =
    {
        Kind: string
        Draw: Gen<obj * (IPair -> float)>
    }

let private square x = x * x

let private dot (a: float[]) (b: float[]) = Array.sum (Array.map2 (*) a b)

let private norm a = sqrt (dot a a)

/// What is shorter than 1e-30 has no direction.
let private direction a =
    let length = norm a
    a |> Array.map (fun x -> if length < 1e-30 then 0.0 else x / length)

let private centred (a: float[]) =
    let mean = Array.average a
    a |> Array.map (fun x -> x - mean)

let private smoothL1 d =
    if abs d < 1.0 then square d / 2.0 else abs d - 0.5

let private rows (numbers: Numbers) =
    Array.chunkBySize numbers.Shape[1] numbers.Values

// Maps

let private at (map: Numbers) n c y x =
    let channels, height, width = map.Shape[1], map.Shape[2], map.Shape[3]
    map.Values[((n * channels + c) * height + y) * width + x]

/// What a function of image, channel, row and column gives, as a map.
let private mapOf images channels height width value =
    Numbers.init [ images; channels; height; width ] (fun index ->
        value
            (index / (channels * height * width))
            (index / (height * width) % channels)
            (index / width % height)
            (index % width))

let private positions (map: Numbers) =
    [|
        for y in 0 .. map.Shape[2] - 1 do
            for x in 0 .. map.Shape[3] - 1 -> y, x
    |]

let private images (map: Numbers) = [| 0 .. map.Shape[0] - 1 |]
let private channels (map: Numbers) = [| 0 .. map.Shape[1] - 1 |]

/// Means over bins as equal as whole positions allow.
let private pool height width (map: Numbers) =
    let bin size bins i =
        [ i * size / bins .. ((i + 1) * size + bins - 1) / bins - 1 ]

    mapOf map.Shape[0] map.Shape[1] height width (fun n c y x ->
        List.average
            [
                for v in bin map.Shape[2] height y do
                    for u in bin map.Shape[3] width x -> at map n c v u
            ])

let private atSmallerSize (student: Numbers) (teacher: Numbers) =
    let height = min student.Shape[2] teacher.Shape[2]
    let width = min student.Shape[3] teacher.Shape[3]
    pool height width student, pool height width teacher

/// Between the two nearest positions of each axis; the corners of the pixels, not their centres, are brought together.
let private bilinear height width (map: Numbers) =
    let between size target i =
        let place = max 0.0 ((float i + 0.5) * float size / float target - 0.5)
        let low = min (int place) (size - 1)
        let share = place - float low
        [ low, 1.0 - share; min (low + 1) (size - 1), share ]

    mapOf map.Shape[0] map.Shape[1] height width (fun n c y x ->
        List.sum
            [
                for v, byRow in between map.Shape[2] height y do
                    for u, byColumn in between map.Shape[3] width x -> byRow * byColumn * at map n c v u
            ])

/// [N][C]: means over positions
let private pooled map =
    [|
        for n in images map ->
            [|
                for c in channels map -> positions map |> Array.averageBy (fun (y, x) -> at map n c y x)
            |]
    |]

let private meanSquare (a: Numbers) (b: Numbers) =
    Array.map2 (fun x y -> square (x - y)) a.Values b.Values |> Array.average

let l2 reduction (pair: IPair) =
    let mean = meanSquare pair.Student pair.Teacher

    match reduction with
    | Reduction.Mean -> mean
    | _ -> mean * float (Numbers.size pair.Student.Shape.Tail)

// Logits

let private softmax (temperature: float) (row: float[]) =
    let largest = Array.max row
    let powers = row |> Array.map (fun z -> exp ((z - largest) / temperature))
    let sum = Array.sum powers
    powers |> Array.map (fun power -> power / sum)

/// ln of the softmax, exact where the softmax itself is 0.
let private logSoftmax (temperature: float) (row: float[]) =
    let softened = row |> Array.map (fun z -> z / temperature)
    let largest = Array.max softened
    let total = largest + log (softened |> Array.sumBy (fun z -> exp (z - largest)))
    softened |> Array.map (fun z -> z - total)

/// KL(teacher || student) of two rows of logits.
let private divergence temperature student teacher =
    let logQ, logP = logSoftmax temperature student, logSoftmax temperature teacher
    Array.map2 (fun p q -> exp p * (p - q)) logP logQ |> Array.sum

let kd temperature (pair: IPair) =
    Array.map2 (divergence temperature) (rows pair.Student) (rows pair.Teacher)
    |> Array.average
    |> (*) (square temperature)

/// The logits of the true class and of all others together: the softmax of the two is (p, 1 - p).
let private binary (temperature: float) label (row: float[]) =
    let others = Array.removeAt label row
    let largest = Array.max others

    let together =
        largest
        + temperature
          * log (others |> Array.sumBy (fun z -> exp ((z - largest) / temperature)))

    [| row[label]; together |]

let private dkd alpha beta temperature (pair: IPair) =
    Array.zip3 (rows pair.Student) (rows pair.Teacher) pair.Labels
    |> Array.averageBy (fun (student, teacher, label) ->
        let target =
            divergence temperature (binary temperature label student) (binary temperature label teacher)

        let other =
            divergence temperature (Array.removeAt label student) (Array.removeAt label teacher)

        square temperature * (alpha * target + beta * other))

let private correlation a b =
    let a, b = centred a, centred b
    dot a b / (norm a * norm b + 1e-8)

let private dist beta gamma temperature (pair: IPair) =
    let q = rows pair.Student |> Array.map (softmax temperature)
    let p = rows pair.Teacher |> Array.map (softmax temperature)

    let related a b =
        Array.average (Array.map2 correlation a b)

    square temperature
    * (beta * (1.0 - related q p)
       + gamma * (1.0 - related (Array.transpose q) (Array.transpose p)))

// Losses of maps

/// For each image a vector over positions, of length 1: the mean over channels of a power.
let private attention power (map: Numbers) =
    [|
        for n in images map ->
            positions map
            |> Array.map (fun (y, x) -> channels map |> Array.averageBy (fun c -> power (at map n c y x)))
            |> direction
    |]

let private meanOver (difference: float -> float) (a: float[][]) (b: float[][]) =
    Array.map2 (fun x y -> difference (x - y)) (Array.concat a) (Array.concat b)
    |> Array.average

let at' (power: float) (pair: IPair) =
    let student, teacher = atSmallerSize pair.Student pair.Teacher
    let energy x = abs x ** power
    meanOver square (attention energy student) (attention energy teacher)

let private ft (power: int) (degree: int) (pair: IPair) =
    let student, teacher = atSmallerSize pair.Student pair.Teacher
    let factor = attention (fun x -> pown x power)
    meanOver (fun d -> pown (abs d) degree) (factor student) (factor teacher)

let sp (pair: IPair) =
    let similarities (map: Numbers) =
        let whole = Array.chunkBySize (Numbers.size map.Shape.Tail) map.Values
        whole |> Array.map (fun a -> whole |> Array.map (dot a) |> direction)

    meanOver square (similarities pair.Student) (similarities pair.Teacher)

let private nst (pair: IPair) =
    let student, teacher = atSmallerSize pair.Student pair.Teacher

    let selectivity map n =
        [|
            for c in channels map -> positions map |> Array.map (fun (y, x) -> at map n c y x) |> direction
        |]

    let kernel a b =
        Array.allPairs a b |> Array.averageBy (fun (x, y) -> square (dot x y))

    images student
    |> Array.averageBy (fun n ->
        let s, t = selectivity student n, selectivity teacher n
        kernel s s + kernel t t - 2.0 * kernel s t)

let private rkd distance angle (pair: IPair) =
    let difference a b = Array.map2 (-) b a

    let distances (points: float[][]) =
        let each = points |> Array.map (fun a -> points |> Array.map (difference a >> norm))
        let count = points.Length * (points.Length - 1)
        let mean = Array.sumBy Array.sum each / float count

        each
        |> Array.map (Array.map (fun length -> if mean < 1e-30 then 0.0 else length / mean))

    let angles (points: float[][]) =
        [|
            for a in points ->
                let ways = points |> Array.map (difference a >> direction)
                Array.allPairs ways ways |> Array.map (fun (x, y) -> dot x y)
        |]

    let student, teacher = pooled pair.Student, pooled pair.Teacher

    distance * meanOver smoothL1 (distances student) (distances teacher)
    + angle * meanOver smoothL1 (angles student) (angles teacher)

let private pkt (pair: IPair) =
    let epsilon = 1e-7

    let neighbours map =
        let ways =
            pooled map
            |> Array.map (fun a ->
                let length = norm a
                a |> Array.map (fun x -> if length < 1e-30 then 0.0 else x / (length + epsilon)))

        ways
        |> Array.map (fun a ->
            let similar = ways |> Array.map (fun b -> max 0.0 ((dot a b + 1.0) / 2.0))
            similar |> Array.map (fun s -> s / Array.sum similar))

    Array.map2
        (fun p q -> p * log ((p + epsilon) / (q + epsilon)))
        (Array.concat (neighbours pair.Teacher))
        (Array.concat (neighbours pair.Student))
    |> Array.average

let private cc (pair: IPair) =
    Array.map2 (Array.map2 (fun s t -> abs (s - t))) (pooled pair.Student) (pooled pair.Teacher)
    |> Array.pairwise
    |> Array.averageBy (fun (a, b) -> dot a b)

let private vid variance (pair: IPair) =
    Array.map2 (fun s t -> (square (s - t) / variance + log variance) / 2.0) pair.Student.Values pair.Teacher.Values
    |> Array.average

let private perImage (pair: IPair) total = total / float (Pair.images pair)

let private ab margin (pair: IPair) =
    Array.map2
        (fun s t -> square (max 0.0 (margin - (if t > 0.0 then s else -s))))
        pair.Student.Values
        pair.Teacher.Values
    |> Array.sum
    |> (*) (3.0 / 1000.0)
    |> perImage pair

let private ofd margin (pair: IPair) =
    Array.map2
        (fun s t ->
            let target = max t margin
            if t > 0.0 || s > target then square (s - target) else 0.0)
        pair.Student.Values
        pair.Teacher.Values
    |> Array.sum
    |> perImage pair

let cwd temperature (pair: IPair) =
    let lines (map: Numbers) =
        Array.chunkBySize (Numbers.size (List.skip 2 map.Shape)) map.Values

    Array.map2 (divergence temperature) (lines pair.Student) (lines pair.Teacher)
    |> Array.average
    |> (*) (square temperature)

let pkd (pair: IPair) =
    let teacher = pair.Teacher
    let student = bilinear teacher.Shape[2] teacher.Shape[3] pair.Student

    let standardized (map: Numbers) =
        [|
            for c in channels map ->
                let numbers =
                    centred
                        [|
                            for n in images map do
                                for y, x in positions map -> at map n c y x
                        |]

                let deviation = norm numbers / sqrt (float numbers.Length - 1.0)
                numbers |> Array.map (fun x -> x / (deviation + 1e-6))
        |]

    meanOver square (standardized student) (standardized teacher) / 2.0

let private hcl (pair: IPair) =
    let levels = [ 4; 2; 1 ] |> List.filter (fun level -> level < pair.Student.Shape[2])

    let terms =
        (1.0, meanSquare pair.Student pair.Teacher)
        :: [
            for index, level in List.indexed levels ->
                0.5 ** float (index + 1), meanSquare (pool level level pair.Student) (pool level level pair.Teacher)
        ]

    List.sumBy (fun (weight, term) -> weight * term) terms / List.sumBy fst terms

let private srd (exponent: float) (pair: IPair) =
    let standardized map =
        pooled map
        |> Array.transpose
        |> Array.map (fun column ->
            let column = centred column
            let variance = dot column column / float column.Length
            column |> Array.map (fun x -> x / sqrt (variance + 1e-4)))

    Array.map2
        (fun s t -> abs (s - t) ** exponent)
        (Array.concat (standardized pair.Student))
        (Array.concat (standardized pair.Teacher))
    |> Array.sum
    |> max 1.17549435e-38
    |> log

let private vkd (pair: IPair) =
    let normalized (row: float[]) =
        let row = centred row
        let variance = dot row row / float row.Length
        row |> Array.map (fun x -> x / sqrt (variance + 1e-5))

    meanOver smoothL1 (pooled pair.Student) (pooled pair.Teacher |> Array.map normalized)

let private cosine (pair: IPair) =
    Array.map2 (fun s t -> 1.0 - dot (direction s) (direction t)) (pooled pair.Student) (pooled pair.Teacher)
    |> Array.average

// Options

let private written kind (options: Gen<'options>) (make: 'options -> obj) (value: 'options -> IPair -> float) =
    {
        Kind = kind
        Draw = options |> Gen.map (fun options -> make options, value options)
    }

let private plain kind loss value =
    written kind (Gen.constant ()) (fun () -> loss) (fun () -> value)

let private temperature =
    Generate.temperature |> Gen.map (fun (Temperature value) -> value)

let private weight = Gen.elements [ 0.0; 0.5; 1.0; 8.0 ]

/// One for each loss of the catalogue. Options are drawn anew for each case; a loss that must be built for maps is here
/// with options with which it need not be.
let all =
    [
        written "kd" temperature (fun t -> KdLoss t) kd
        written "dkd" (Gen.zip3 weight weight temperature) (fun (a, b, t) -> DkdLoss(a, b, t)) (fun (a, b, t) ->
            dkd a b t)
        written "dist" (Gen.zip3 weight weight temperature) (fun (b, g, t) -> DistLoss(b, g, t)) (fun (b, g, t) ->
            dist b g t)
        written "l2" (Gen.elements [ Reduction.Mean; Reduction.SumPerBatch ]) (fun reduction -> L2Loss reduction) l2
        written "at" (Gen.elements [ 1.0; 2.0; 2.5; 4.0 ]) (fun power -> AtLoss power) at'
        plain "sp" (SpLoss()) sp
        plain "nst" (NstLoss()) nst
        written "rkd" (Gen.zip weight weight) (fun (d, a) -> RkdLoss(d, a)) (fun (d, a) -> rkd d a)
        plain "pkt" (PktLoss()) pkt
        plain "cc" (CcLoss(Nullable())) cc
        written "vid" (Gen.elements [ 0.1; 1.0; 5.0 ]) (fun variance -> VidLoss variance) vid
        written "ab" (Gen.elements [ 0.5; 1.0; 2.0 ]) (fun margin -> AbLoss margin) ab
        written
            "ft"
            (Gen.zip (Gen.elements [ 1; 2; 3 ]) (Gen.elements [ 1; 2; 3 ]))
            (fun (power, degree) -> FtLoss(power, degree))
            (fun (power, degree) -> ft power degree)
        written "ofd" (Gen.elements [ 0.0; -0.5; -2.0 ]) (fun margin -> OfdLoss(Nullable margin)) ofd
        written "cwd" temperature (fun t -> CwdLoss t) cwd
        plain "pkd" (PkdLoss()) pkd
        plain "hcl" (HclLoss()) hcl
        written "srd" (Gen.elements [ 1.0; 2.0; 4.0 ]) (fun exponent -> SrdLoss exponent) srd
        plain "vkd" (VkdLoss()) vkd
        plain "cosine" (CosineLoss()) cosine
    ]

let find kind =
    all |> List.find (fun written -> written.Kind = kind)
