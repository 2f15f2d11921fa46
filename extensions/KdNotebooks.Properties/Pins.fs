namespace KdNotebooks.Properties

open System
open KdNotebooks.Aligners
open KdNotebooks.Catalogue
open KdNotebooks.Invariants
open KdNotebooks.Losses
open KdNotebooks.Runtime

/// What a loss or an aligner is compared with.
type internal Pin =
    {
        /// Whose copy it is, with the options that count; none where that is not known.
        Original: (string * obj) option
        Loss: LossFormula option
        Aligner: AlignerFormula option
        /// Cases and the values that were worked out for them.
        Worked: (IPair * float) list
    }

    static member Nothing =
        {
            Original = None
            Loss = None
            Aligner = None
            Worked = []
        }

/// Which of the catalogue's losses and aligners a subject is, or is a copy of.
module internal Pins =
    let private cards () =
        Seq.append PartTable.Losses.Cards PartTable.Aligners.Cards |> List.ofSeq

    let private nameOf (subject: obj) =
        match subject with
        | :? IFeatureLoss as loss -> loss.Name
        | :? ILogitLoss as loss -> loss.Name
        | :? IAligner as aligner -> aligner.Name
        | _ -> ""

    let private isAligner (subject: obj) = subject :? IAligner

    // "kd", "kd without T²", "kd-mutant": all but a longer word.
    let private startsWith (kind: string) (name: string) =
        name.StartsWith(kind, StringComparison.OrdinalIgnoreCase)
        && (name.Length = kind.Length || not (Char.IsLetterOrDigit name[kind.Length]))

    /// By its type, else by its name: the catalogue's word for it, or what its usual one calls itself ("mlp-1").
    let kindOf (subject: obj) : string option =
        let all = cards ()

        match all |> List.tryFind (fun card -> card.Type = subject.GetType()) with
        | Some card -> Some card.Kind
        | None ->
            let name = nameOf subject

            all
            |> List.filter (fun card ->
                typeof<IAligner>.IsAssignableFrom card.Type = isAligner subject
                && (startsWith card.Kind name || startsWith (nameOf (card.Create())) name))
            |> List.sortByDescending (fun card -> card.Kind.Length)
            |> List.tryHead
            |> Option.map _.Kind

    let private usual = obj ()

    // With other options than the usual ones the formula says what is right for the case.
    let private workedValue kind (options: obj) =
        match WorkedValues.tryFind kind, LossFormula.tryFind kind options, LossFormula.tryFind kind usual with
        | Some(pair, value), Some own, Some ordinary ->
            // A formula that looks at weights has the value of a function all the same, but where it has none.
            let at (formula: LossFormula) =
                try
                    formula.Value None pair
                with :? KdException ->
                    formula.Value (Some { Parameters = []; Buffers = [] }) pair

            let mine, theirs = at own, at ordinary
            [ pair, (if mine = theirs then value else mine) ]
        | _ -> []

    /// The catalogue's part of this word, with the options that another part has under their names.
    let ofKind kind (options: obj) =
        {
            Original = Some(kind, options)
            Loss = LossFormula.tryFind kind options
            Aligner = AlignerFormula.tryFind kind options
            Worked = workedValue kind options
        }

    /// The catalogue's part of this word, as its documentation has it.
    let ofWord kind = ofKind kind usual

    /// What a subject is a copy of, with the subject's own options.
    let ofSubject (subject: obj) =
        match kindOf subject with
        | Some kind -> ofKind kind subject
        | None -> Pin.Nothing

    /// A formula and worked values of a reader's own.
    let own loss aligner worked =
        { Pin.Nothing with
            Loss = loss
            Aligner = aligner
            Worked = worked
        }

    /// Whether the catalogue has a part of this word.
    let isOurs word =
        cards () |> List.exists (fun card -> card.Kind = word)

    /// The word of an original: itself, or what its type stands under.
    let wordOf (original: obj) : string =
        let known = cards () |> List.map _.Kind
        let all = String.concat ", " known

        match original with
        | :? string as word when isOurs word -> word
        | :? string as word ->
            raise (
                KdException
                    $"'{word}' is not in the catalogue; the nearest is '{Nearest.Of(word, known)}'. Known: \
                    {all}."
            )
        | part ->
            cards ()
            |> List.tryFind (fun card -> card.Type = part.GetType())
            |> Option.map _.Kind
            |> Option.defaultWith (fun () ->
                raise (
                    KdException
                        $"{part.GetType().Name} is no loss and no aligner of the catalogue; expected one of them, as \
                        KdLoss 1.0, or its name. For a formula of your own there is checkFormula."
                ))

    /// Says that a claim needs a formula where none is known.
    let require name (claims: Claim) (pin: Pin) (aligner: bool) =
        let missing =
            [
                if claims.HasFlag Claim.Formula then
                    if aligner then
                        pin.Aligner.IsNone, Claim.Formula
                    else
                        pin.Loss.IsNone, Claim.Formula
                if claims.HasFlag Claim.WorkedValue then
                    pin.Worked.IsEmpty, Claim.WorkedValue
                if claims.HasFlag Claim.FirstWeights then
                    pin.Original.IsNone, Claim.FirstWeights
            ]
            |> List.filter fst

        match missing with
        | [] -> ()
        | (_, claim) :: _ ->
            raise (
                KdException
                    $"{name}: to test {claim} it must be known what it should be: say which of the catalogue's it is a \
                    copy of (checkLike \"kd\" mine), or give its formula (checkFormula) or a worked value (checkValue)."
            )
