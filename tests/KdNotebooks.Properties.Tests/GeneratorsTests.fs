module KdNotebooks.Properties.Tests.GeneratorsTests

open System
open FsCheck
open FsCheck.FSharp
open KdNotebooks.Losses
open KdNotebooks.Properties
open global.Xunit

let private sample gen =
    Gen.sampleWithSeed (Rnd 3UL) 50 300 gen |> List.ofArray

let private settings fit images range =
    {
        Fit = fit
        Images = images
        Range = range
    }

/// Whether a loss that takes these settings takes the maps.
let private fits (settings: PairSettings) (maps: FeatureMaps) =
    let student, teacher = maps.Student.Shape, maps.Teacher.Shape
    let larger a b = List.forall2 (>=) a b
    let sizes = List.skip 2 student, List.skip 2 teacher

    student.Length = 4
    && student[0] = teacher[0]
    && student[0] >= settings.Images
    && (settings.Fit = MapFit.Any || student[1] = teacher[1])
    && (settings.Fit <> MapFit.SameShape || student = teacher)
    && (larger (fst sizes) (snd sizes) || larger (snd sizes) (fst sizes))
    && maps.Student.Values.Length = Numbers.size student
    && maps.Teacher.Values.Length = Numbers.size teacher

let private every =
    [
        for fit in [ MapFit.SameShape; MapFit.SameChannels; MapFit.Any ] do
            for range in [ Wide; Fair ] -> settings fit 2 range
    ]

[<Fact>]
let ``Maps are as their settings say`` () =
    for settings in every do
        for maps in sample (Generate.featureMaps settings) do
            Assert.True(fits settings maps, $"{settings}\n{maps}")
            Assert.InRange(maps.Student.Shape[0], 2, 4)
            Assert.InRange(maps.Student.Shape[1], 1, 5)

[<Fact>]
let ``Maps that may differ in channels or in size do`` () =
    let maps = sample (Generate.featureMaps (settings MapFit.Any 1 Wide))
    Assert.Contains(maps, fun maps -> maps.Student.Shape[1] <> maps.Teacher.Shape[1])
    Assert.Contains(maps, fun maps -> maps.Student.Shape[2] > maps.Teacher.Shape[2])
    Assert.Contains(maps, fun maps -> maps.Student.Shape[3] < maps.Teacher.Shape[3])
    Assert.Contains(maps, fun maps -> maps.Student.Shape = maps.Teacher.Shape)

[<Fact>]
let ``Maps to compare formulas with are large and small, faint, and of every shape`` () =
    let maps =
        Gen.sampleWithSeed (Rnd 3UL) 50 100 (Generate.mapsToCompare (settings MapFit.Any 1 Wide))
        |> List.ofArray

    let has test =
        Assert.Contains(maps, fun maps -> test maps.Student maps.Teacher)

    for maps in maps do
        Assert.True(fits (settings MapFit.Any 1 Wide) maps, string maps)

    has (fun s _ -> s.Shape[0] = 1)
    has (fun s _ -> s.Shape[1] = 1)
    has (fun s _ -> s.Shape[2] > 8)
    has (fun s _ -> s.Shape[2] <> s.Shape[3])
    has (fun s t -> s.Shape[2] > t.Shape[2] && t.Shape[2] > 1)
    has (fun s t -> Numbers.largest s < 4e-3 && Numbers.largest s > 0.0 && Numbers.largest t < 4e-3)

    let logits =
        Gen.sampleWithSeed (Rnd 3UL) 50 100 (Generate.logitsToCompare (settings MapFit.SameShape 1 Wide))

    Assert.Contains(logits, fun logits -> logits.Targets.Classes > 10)
    Assert.Contains(logits, fun logits -> Numbers.largest logits.Student < 4e-3)

[<Fact>]
let ``Numbers of any kind come`` () =
    let numbers = sample (Generate.numbers Wide [ 2; 2; 2; 2 ])

    let holds test =
        Assert.Contains(numbers, fun numbers -> test numbers.Values)

    holds (Array.forall ((=) 0.0))
    holds (fun values -> values[0] <> 0.0 && Array.forall ((=) values[0]) values)
    holds (Array.exists (fun value -> abs value > 100.0))

    holds (fun values ->
        Array.exists ((<>) 0.0) values
        && Array.forall (fun value -> abs value < 0.01) values)

    holds (Array.forall (fun value -> value >= 0.0))
    let student = sample (Generate.featureMaps PairSettings.Default)
    Assert.Contains(student, fun maps -> maps.Student = maps.Teacher && Numbers.largest maps.Student > 0.0)

[<Fact>]
let ``Fair numbers are in range and differ`` () =
    for maps in sample (Generate.featureMaps (settings MapFit.Any 3 Fair)) do
        Assert.True(Numbers.largest maps.Student <= 3.0)

        for channel in 0 .. maps.Student.Shape[1] - 1 do
            let values = (Numbers.take 1 [| channel |] maps.Student).Values
            let mean = Array.average values

            let deviation =
                values |> Array.averageBy (fun value -> (value - mean) ** 2.0) |> sqrt

            Assert.True(deviation >= 0.1 - 1e-12, string maps)

[<Fact>]
let ``Logits have two classes at least, and their labels are among them`` () =
    for range in [ Wide; Fair ] do
        for logits in sample (Generate.logits (settings MapFit.SameShape 2 range)) do
            let shape = logits.Student.Shape
            Assert.Equal<int list>(shape, logits.Teacher.Shape)
            Assert.True(shape[0] >= 2)
            Assert.InRange(shape[1], 2, 6)
            Assert.Equal(shape[1], logits.Targets.Classes)
            Assert.Equal(shape[0], logits.Targets.Labels.Length)
            Assert.All(logits.Targets.Labels, (fun label -> Assert.InRange(label, 0, shape[1] - 1)))

[<Fact>]
let ``A permutation of any number of things holds each once, and all orders of three come`` () =
    let orders = sample (Generate.permutation 5)

    for count in [ 1; 2; 5; 9 ] do
        for order in orders do
            Assert.Equal<int seq>(seq { 0 .. count - 1 }, Seq.sort (order.Of count))

    Assert.Equal(6, orders |> List.map _.Of(3) |> List.distinct |> List.length)

[<Fact>]
let ``No picks leave everything where it is`` () =
    Assert.Equal<int[]>([| 0; 1; 2; 3 |], { Picks = [] }.Of 4)
    Assert.Equal<int[]>([| 2; 0; 1; 3 |], { Picks = [ 2 ] }.Of 4)

[<Fact>]
let ``Orthogonal matrices are`` () =
    for turn in sample Generate.orthogonal do
        for count in 1..5 do
            let matrix = turn.Of count

            for a in 0 .. count - 1 do
                for b in 0 .. count - 1 do
                    let product = Seq.sum [ for k in 0 .. count - 1 -> matrix[a, k] * matrix[b, k] ]
                    Assert.Equal((if a = b then 1.0 else 0.0), product, 1e-12)

[<Fact>]
let ``A quarter turn is exact, and a turn of an axis with itself mirrors it`` () =
    let quarter = { Turns = [ 0, 1, 90.0 ] }.Of 2
    Assert.Equal<float list>([ 0.0; -1.0; 1.0; 0.0 ], [ quarter[0, 0]; quarter[0, 1]; quarter[1, 0]; quarter[1, 1] ])
    Assert.Equal(-1.0, ({ Turns = [ 3, 0, 17.0 ] }.Of 1)[0, 0])

[<Fact>]
let ``Temperatures and factors are positive`` () =
    Assert.All(sample Generate.temperature, (fun (Temperature value) -> Assert.InRange(value, 0.25, 20.0)))
    Assert.All(sample Generate.positiveScale, (fun (PositiveScale factor) -> Assert.InRange(factor, 0.25, 4.0)))

    for affine in sample Generate.positiveAffine do
        for index in 0..7 do
            Assert.True(affine.Apply(index, 1.0) > affine.Apply(index, 0.0))

[<Fact>]
let ``The same seed gives the same cases`` () =
    let draw () =
        Gen.sampleWithSeed (Rnd 5UL) 50 20 (Generate.featureMaps PairSettings.Default)

    Assert.Equal<FeatureMaps[]>(draw (), draw ())

/// Follows the first smaller case down, as if every case broke the claim.
let rec private down steps smaller case =
    if steps > 2000 then
        failwith $"There is no end of smaller cases: {case}"

    match Seq.tryHead (smaller case) with
    | None -> case
    | Some next -> down (steps + 1) smaller next

/// Follows the last smaller case down.
let rec private downLast steps smaller case =
    if steps > 5000 then
        failwith $"There is no end of smaller cases: {case}"

    match Seq.tryLast (smaller case) with
    | None -> case
    | Some next -> downLast (steps + 1) smaller next

[<Fact>]
let ``Smaller maps are as the settings of the larger say`` () =
    for settings in every do
        for maps in sample (Generate.featureMaps settings) |> List.truncate 10 do
            for smaller in Smaller.featureMaps settings maps |> Seq.truncate 100 do
                Assert.True(fits settings smaller, $"{settings}\n{maps}\nbecame\n{smaller}")
                Assert.NotEqual(maps, smaller)

[<Fact>]
let ``Making cases smaller ends, with one image of one channel and position and zeros`` () =
    let settings = PairSettings.Default

    for maps in sample (Generate.featureMaps settings) |> List.truncate 10 do
        for least in
            [
                down 0 (Smaller.featureMaps settings) maps
                downLast 0 (Smaller.featureMaps settings) maps
            ] do
            Assert.Equal<int list>([ 1; 1; 1; 1 ], least.Student.Shape)
            Assert.Equal<float[]>([| 0.0 |], least.Student.Values)

    for logits in sample (Generate.logits settings) |> List.truncate 10 do
        let least = down 0 (Smaller.logits settings) logits
        Assert.Equal<int list>([ 1; 2 ], least.Student.Shape)
        Assert.Equal<int[]>([| 0 |], least.Targets.Labels)

[<Fact>]
let ``What is added to a case becomes nothing, in the end`` () =
    for order in sample (Generate.permutation 5) |> List.truncate 10 do
        Assert.Empty (down 0 Smaller.permutation order).Picks
        Assert.Empty (downLast 0 Smaller.permutation order).Picks

    for turn in sample Generate.orthogonal |> List.truncate 10 do
        Assert.Empty (down 0 Smaller.orthogonal turn).Turns

    for similarity in sample Generate.similarity |> List.truncate 10 do
        let least = downLast 0 Smaller.similarity similarity
        Assert.Equal(1.0, least.Factor)

    for affine in sample Generate.positiveAffine |> List.truncate 10 do
        Assert.Empty (downLast 0 Smaller.positiveAffine affine).Steps

[<Fact>]
let ``A number becomes 0, then 1, then rounder, and never the other way`` () =
    Assert.Equal<float list>([ 0.0; 1.0; 2.0; 2.3 ], List.ofSeq (Smaller.number 2.34) |> List.sort |> List.distinct)
    Assert.Empty(Smaller.number 0.0)
    Assert.Equal<float seq>([ 0.0 ], Smaller.number 1.0)
    Assert.DoesNotContain(0.0, Smaller.positive 2.5)
    Assert.Empty(Smaller.positive 1.0)

[<Fact>]
let ``Of two things one at a time becomes smaller`` () =
    let smaller = Smaller.both Smaller.number Smaller.number (2.0, 1.0) |> List.ofSeq
    Assert.Contains((0.0, 1.0), smaller)
    Assert.Contains((2.0, 0.0), smaller)
    Assert.All(smaller, (fun (a, b) -> Assert.True(a = 2.0 || b = 1.0)))
