namespace KdNotebooks.FSharp

open System
open System.Globalization
open KdNotebooks.Aligners
open KdNotebooks.Recipes
open KdNotebooks.Catalogue
open KdNotebooks.Parts
open KdNotebooks.Runtime

/// Variants by the words that a line or a command names them by.
[<RequireQualifiedAccess>]
module Named =
    let private unknown what (word: string) (known: string list) =
        let listed = String.concat ", " known

        raise (KdException $"'{word}' is no {what}; the nearest is '{Nearest.Of(word, known)}'. Known: {listed}.")

    // "mlp2" and "mlp-2" are one.
    let private depthOf (word: string) =
        if word.StartsWith("mlp", StringComparison.OrdinalIgnoreCase) then
            match Int32.TryParse(word.Substring(3).TrimStart('-'), NumberStyles.None, CultureInfo.InvariantCulture) with
            | true, depth -> Some depth
            | _ -> None
        else
            None

    let private catalogued =
        [
            "none"
            "mlp0"
            "mlp1"
            "mlp2"
            "mlp3"
            for card in PartTable.Aligners.Cards do
                if card.Kind <> "channel-mlp" then
                    card.Kind
        ]

    /// The aligners that `aligner` knows: ours ("mlp" with any depth, as "mlp3"), and the reader's own at the end.
    let aligners () =
        catalogued @ List.ofSeq (OwnParts.Names<IAligner>())

    /// The recipe with this aligner in its connections: "linear", "mlp2", "conv-reg", or the reader's own by its name;
    /// "none" is the student alone. One of ours is meant where both have a name.
    let aligner (word: string) =
        match word, depthOf word with
        | "none", _ -> noDistillation
        | "mlp", _
        | "channel-mlp", _ -> mlp 1
        | _, Some depth -> mlp depth
        | _ when List.contains word catalogued -> via (PartTable.Aligners[word].Create() :?> IAligner) |> called word
        | _ ->
            match OwnParts.Find<IAligner> word with
            | null -> unknown "aligner" word (aligners ())
            | own -> via own |> called word

    /// The method of this name at this weight: "kd", "at"; the names are `NamedMethods.Names` of the core.
    let methodAt (word: string) (alpha: float) = Method.named word alpha

    /// Every variant of a recipe with every seed, for a caller that has arrays.
    let recipes (recipe: Recipe) (variants: Variant seq) (seeds: int seq) =
        ablate recipe (List.ofSeq variants) (List.ofSeq seeds) |> List.toArray
