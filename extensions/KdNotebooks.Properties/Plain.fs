/// What formulas are written with: loops over numbers, without torch.
[<RequireQualifiedAccess>]
module KdNotebooks.Properties.Plain

let square (x: float) = x * x

let dot (a: float[]) (b: float[]) = Array.sum (Array.map2 (*) a b)

let norm a = sqrt (dot a a)

/// Of length 1; what is shorter than 1e-30 has no direction.
let direction a =
    let length = norm a
    a |> Array.map (fun x -> if length < 1e-30 then 0.0 else x / length)

let centred (a: float[]) =
    let mean = Array.average a
    a |> Array.map (fun x -> x - mean)

let smoothL1 d =
    if abs d < 1.0 then square d / 2.0 else abs d - 0.5

/// Pearson's correlation, with what keeps the denominator from 0.
let correlation epsilon a b =
    let a, b = centred a, centred b
    dot a b / (norm a * norm b + epsilon)

/// Each row of [N, K].
let rows (numbers: Numbers) =
    Array.chunkBySize numbers.Shape[1] numbers.Values

// Maps

/// The number of image, channel, row and column.
let at (map: Numbers) n c y x =
    let channels, height, width = map.Shape[1], map.Shape[2], map.Shape[3]
    map.Values[((n * channels + c) * height + y) * width + x]

/// What a function of image, channel, row and column gives, as a map.
let mapOf images channels height width value =
    Numbers.init [ images; channels; height; width ] (fun index ->
        value
            (index / (channels * height * width))
            (index / (height * width) % channels)
            (index / width % height)
            (index % width))

let positions (map: Numbers) =
    [|
        for y in 0 .. map.Shape[2] - 1 do
            for x in 0 .. map.Shape[3] - 1 -> y, x
    |]

let images (map: Numbers) = [| 0 .. map.Shape[0] - 1 |]
let channels (map: Numbers) = [| 0 .. map.Shape[1] - 1 |]

/// All numbers of an image's channel.
let line map n c =
    positions map |> Array.map (fun (y, x) -> at map n c y x)

/// All numbers of a channel, over images and positions.
let column (map: Numbers) c =
    images map |> Array.collect (fun n -> line map n c)

/// [N][C]: means over positions.
let pooled map =
    [|
        for n in images map -> [| for c in channels map -> Array.average (line map n c) |]
    |]

/// Means over bins as equal as whole positions allow.
let pool height width (map: Numbers) =
    let bin size bins i =
        [ i * size / bins .. ((i + 1) * size + bins - 1) / bins - 1 ]

    mapOf map.Shape[0] map.Shape[1] height width (fun n c y x ->
        List.average
            [
                for v in bin map.Shape[2] height y do
                    for u in bin map.Shape[3] width x -> at map n c v u
            ])

/// Both at the smaller height and the smaller width.
let atSmallerSize (student: Numbers) (teacher: Numbers) =
    let height = min student.Shape[2] teacher.Shape[2]
    let width = min student.Shape[3] teacher.Shape[3]
    pool height width student, pool height width teacher

/// Between the two nearest positions of each axis; the corners of the pixels, not their centres, are brought together.
let bilinear height width (map: Numbers) =
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

let meanSquare (a: Numbers) (b: Numbers) =
    Array.map2 (fun x y -> square (x - y)) a.Values b.Values |> Array.average

/// The mean over all numbers of a function of the difference.
let meanOver (difference: float -> float) (a: float[][]) (b: float[][]) =
    Array.map2 (fun x y -> difference (x - y)) (Array.concat a) (Array.concat b)
    |> Array.average

// Distributions

let softmax (temperature: float) (row: float[]) =
    let largest = Array.max row
    let powers = row |> Array.map (fun z -> exp ((z - largest) / temperature))
    let sum = Array.sum powers
    powers |> Array.map (fun power -> power / sum)

/// ln of the softmax, exact where the softmax itself is 0.
let logSoftmax (temperature: float) (row: float[]) =
    let softened = row |> Array.map (fun z -> z / temperature)
    let largest = Array.max softened
    let total = largest + log (softened |> Array.sumBy (fun z -> exp (z - largest)))
    softened |> Array.map (fun z -> z - total)

/// KL(teacher || student) of two rows of logits.
let divergence temperature student teacher =
    let logQ, logP = logSoftmax temperature student, logSoftmax temperature teacher
    Array.map2 (fun p q -> exp p * (p - q)) logP logQ |> Array.sum

// Layers

/// A convolution with weight [C_o, C_i, k, k], k odd, zeros around the map.
let convolve (weight: Numbers) (bias: float[] option) (map: Numbers) =
    let kernel = weight.Shape[2]
    let around = kernel / 2
    let height, width = map.Shape[2], map.Shape[3]

    mapOf map.Shape[0] weight.Shape[0] height width (fun n o y x ->
        let mutable sum =
            match bias with
            | Some bias -> bias[o]
            | None -> 0.0

        for c in 0 .. map.Shape[1] - 1 do
            for v in 0 .. kernel - 1 do
                for u in 0 .. kernel - 1 do
                    let row, column = y + v - around, x + u - around

                    if row >= 0 && row < height && column >= 0 && column < width then
                        sum <- sum + at weight o c v u * at map n c row column

        sum)

/// At each position what the whole image says: a mean over positions, weighted by a softmax, goes through a bottleneck
/// (squeeze, normalization over its channels, ReLU, expansion) and is added. Weights are a convolution's, [C_o, C_i, 1, 1].
let globalContext (attention: Numbers) squeeze (factor: float[]) (shift: float[]) expand (map: Numbers) =
    let seen = convolve attention None map

    let context =
        mapOf map.Shape[0] map.Shape[1] 1 1 (fun n c _ _ -> dot (softmax 1.0 (line seen n 0)) (line map n c))

    let through (weight: Numbers, bias: float[]) = convolve weight (Some bias)
    let squeezed: Numbers = through squeeze context

    let normalized =
        { squeezed with
            Values =
                Array.chunkBySize squeezed.Shape[1] squeezed.Values
                |> Array.collect (fun row ->
                    let row = centred row
                    let variance = dot row row / float row.Length
                    row |> Array.mapi (fun i x -> x / sqrt (variance + 1e-5) * factor[i] + shift[i]))
        }

    let added = through expand (Numbers.map (max 0.0) normalized)
    mapOf map.Shape[0] map.Shape[1] map.Shape[2] map.Shape[3] (fun n c y x -> at map n c y x + at added n c 0 0)

/// The product of two square matrices.
let private product (a: float[,]) (b: float[,]) =
    let size = a.GetLength 0
    Array2D.init size size (fun i j -> Seq.sum [ for k in 0 .. size - 1 -> a[i, k] * b[k, j] ])

/// exp of a square matrix: the series of a small share of it, squared again and again.
let exponential (matrix: float[,]) =
    let size = matrix.GetLength 0
    let identity = Array2D.init size size (fun i j -> if i = j then 1.0 else 0.0)
    let halvings = 12
    let small = matrix |> Array2D.map (fun x -> x / float (pown 2 halvings))

    let _, series =
        List.fold
            (fun (term, sum) k ->
                let next = product term small |> Array2D.map (fun x -> x / float k)
                next, Array2D.mapi (fun i j x -> x + next[i, j]) sum)
            (identity, identity)
            [ 1..10 ]

    List.fold (fun power _ -> product power power) series [ 1..halvings ]
