namespace KdNotebooks.Properties

open KdNotebooks.Losses

/// Which numbers a case may hold.
type Range =
    /// Anything that a network may give, the worst included: numbers of 1e3 and of 1e-3, maps, channels and images that
    /// are all zero or all alike, ties, a student that is the teacher. Whatever a loss does there, it must stay finite.
    | Wide
    /// Numbers from -3 to 3 for which every usual standardization is well conditioned: the small number that keeps a
    /// denominator from 0 weighs nothing. Channels have a standard deviation of at least 0.1; images have means over
    /// positions of a norm of at least 0.1, at least 0.1 apart and not opposite to each other; the softmax of logits
    /// varies in each row and column.
    | Fair

/// Which pairs are drawn.
type PairSettings =
    {
        /// Which maps a feature loss takes; logits do not ask.
        Fit: MapFit
        /// The fewest images of a case, 1 to 6; it has at most 4, or 2 more than this.
        Images: int
        Range: Range
    }

    static member Default =
        {
            Fit = MapFit.SameShape
            Images = 1
            Range = Wide
        }

/// Whether numbers are well conditioned, as `Fair` says.
module internal Fairness =
    let private least = 0.1

    let private norm (values: float[]) =
        sqrt (values |> Array.sumBy (fun value -> value * value))

    // The norm of what is left without the mean.
    let private variation (values: float[]) =
        let mean = Array.average values
        norm (values |> Array.map (fun value -> value - mean))

    let private spread (values: float[]) =
        values.Length = 1 || variation values >= least * sqrt (float values.Length)

    let private slices axis (numbers: Numbers) =
        [|
            for index in 0 .. List.item axis numbers.Shape - 1 -> (Numbers.take axis [| index |] numbers).Values
        |]

    /// Each image's channels: [N][C][H W]
    let private channels (map: Numbers) =
        let positions = Numbers.size (List.skip 2 map.Shape)
        slices 0 map |> Array.map (Array.chunkBySize positions)

    let private cosine (a: float[]) (b: float[]) =
        Array.sum (Array.map2 (*) a b) / (norm a * norm b)

    let private apart (features: float[][]) =
        Seq.forall
            id
            [
                for i in 0 .. features.Length - 1 do
                    for j in 0 .. i - 1 ->
                        norm (Array.map2 (-) features[i] features[j]) >= least
                        && cosine features[i] features[j] > -0.999
            ]

    let private inRange (numbers: Numbers) = Numbers.largest numbers <= 3.0

    let map (map: Numbers) =
        let channels = channels map
        let features = channels |> Array.map (Array.map Array.average)

        inRange map
        && slices 1 map |> Array.forall spread
        && channels |> Array.forall (Array.forall (fun channel -> norm channel >= least))
        && features |> Array.forall (fun feature -> norm feature >= least)
        && apart features

    let maps (maps: FeatureMaps) =
        let student, teacher = maps.Student, maps.Teacher
        let several (map: Numbers) = Numbers.size map.Shape > map.Shape[1]

        map student
        && map teacher
        // One number that is brought to another size is a constant.
        && (List.skip 2 student.Shape = List.skip 2 teacher.Shape
            || (several student && several teacher))

    let private probabilities (row: float[]) =
        let powers = Array.map exp row
        powers |> Array.map (fun power -> power / Array.sum powers)

    let private rowsAndColumns (logits: Numbers) =
        let rows = slices 0 logits |> Array.map probabilities

        inRange logits
        && rows |> Array.forall (fun row -> variation row >= 0.05)
        && (rows.Length = 1
            || Array.transpose rows |> Array.forall (fun column -> variation column >= 0.05))

    let logits (logits: Logits) =
        rowsAndColumns logits.Student && rowsAndColumns logits.Teacher
