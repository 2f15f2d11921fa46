namespace KdNotebooks.Properties

open KdNotebooks.Aligners
open KdNotebooks.Invariants
open KdNotebooks.Losses
open KdNotebooks.Native
open KdNotebooks.Runtime
open TorchSharp

/// Tests what is claimed of a loss or an aligner, ours or anybody's.
[<RequireQualifiedAccess>]
module Check =
    let private all (claims: Claim list) = List.fold (|||) Claim.None claims

    // A mistake in what is asked is said before anything is tried.
    let private require name kind known (claims: Claim) =
        if claims = Claim.None then
            raise (KdException $"{name}: no claim was made, so there is nothing to test.")

        match List.ofSeq (Claims.Each(claims &&& ~~~known)) with
        | [] -> ()
        | first :: _ ->
            let known = Claims.Each known |> Seq.map string |> String.concat ", "

            raise (KdException $"{name}: {first} is not claimed of {kind}; expected some of {known}.")

    // A claim about more than the loss as a function: its type has to say how that is computed.
    let private needs<'wanted> name claim (claims: Claim) (subject: obj) =
        if claims.HasFlag claim && not (subject :? 'wanted) then
            let kind = subject.GetType().Name

            raise (KdException $"{name}: to test {claim} it must be an {typeof<'wanted>.Name}, and {kind} is none.")

    let private report name (settings: CheckSettings) (claims: Claim) (test: Claim -> ClaimResult) =
        if settings.Cases < 1 then
            raise (KdException $"{name}: {settings.Cases} cases; expected at least 1.")

        InvariantReport(name, settings.Cases, settings.Seed, [| for claim in Claims.Each claims -> test claim |])

    // Each way in which a loss is computed has cases of its own; the first that does not hold speaks.
    let private inEachWay (ways: Way list) (test: Way -> Claim -> ClaimResult) claim =
        let results =
            ways
            |> Seq.filter (fun way -> way.Claims.HasFlag claim)
            |> Seq.map (fun way -> test way claim)
            |> Seq.cache

        results
        |> Seq.tryFind (fun result -> not result.Held)
        |> Option.defaultWith (fun () -> Seq.head results)

    /// What a loss or an aligner, or the one of this name, claims of itself by its `AboutAttribute`;
    /// without one, what every loss or every aligner claims.
    let claimsOf (subject: obj) =
        match subject with
        | :? string as word -> Subjects.claimsOf (Subjects.named word)
        | other -> Subjects.claimsOf other

    /// The names that stand for a loss or an aligner: the catalogue's, and those of registered parts.
    let names () : string list = Subjects.names ()

    // Claims about temperatures ask for others than the loss has.
    let private needsTemperature name (claims: Claim) (loss: obj) =
        let temperature = claims &&& LossClaims.ofTemperature

        if temperature <> Claim.None && (LossClaims.atTemperature loss 2.0).IsNone then
            let kind = loss.GetType().Name

            raise (
                KdException
                    $"{name}: to test {Seq.head (Claims.Each temperature)} it must be a record with an option \
                    Temperature (float), as KdLoss is, and {kind} is none."
            )

    // A formula that has no value for a function says so before anything is tried.
    let private needsFormula name claims (pin: Pin) (ways: Way list) aligner =
        Pins.require name claims pin aligner

        match pin.Loss with
        | Some formula when claims.HasFlag Claim.Formula && ways |> List.forall (fun way -> way.Label = "") ->
            try
                formula.Value
                    None
                    (if pin.Worked.IsEmpty then
                         WorkedValues.maps
                     else
                         fst pin.Worked.Head)
                |> ignore
            with
            | :? KdException as error -> raise (KdException $"{name}: {error.Message}")
            | _ -> () // a reader's own, which has the cases to say so
        | _ -> ()

    // Claims about more than a function, of which a copy may be no more.
    let private withoutWhatItLacks (subject: obj) (claims: Claim) =
        let unless has claim = if has then Claim.None else claim

        let depth (aligner: obj) =
            match aligner with
            | :? IAligner when (Options.copy aligner "Depth" 0).IsNone -> Claim.DepthZeroIsLinear
            | _ -> Claim.None

        let first =
            match subject with
            | :? IAligner
            | :? IBuiltLoss -> Claim.None
            | _ -> Claim.FirstWeights

        let temperature =
            if (LossClaims.atTemperature subject 2.0).IsNone then
                LossClaims.ofTemperature
            else
                Claim.None

        claims
        &&& ~~~(unless (subject :? IReducible) Claim.SumIsMeanTimesSize
                ||| unless (subject :? IClassRelation) Claim.AffineRows
                ||| unless (subject :? IDecoupled) Claim.Decomposition
                ||| depth subject
                ||| first
                ||| temperature)

    // A claim that is named by itself is meant; of those that somebody else makes, what cannot be asked is left out.
    let private meant (subject: obj) (claims: Claim list) =
        claims
        |> List.map (fun claim ->
            match List.ofSeq (Claims.Each claim) with
            | [ _ ] -> claim
            | _ -> withoutWhatItLacks subject claim)

    let private ofFeatureLoss pin (settings: CheckSettings) (claims: Claim list) (loss: IFeatureLoss) =
        let claims = all claims
        let known = LossClaims.everyLoss ||| LossClaims.ofMaps ||| LossClaims.ofBuilt
        require loss.Name "a loss of feature maps" known claims
        needs<IReducible> loss.Name Claim.SumIsMeanTimesSize claims loss
        needs<IBuiltLoss> loss.Name Claim.FirstWeights claims loss
        needsTemperature loss.Name claims loss
        let ways = Subjects.featureWays loss
        needsFormula loss.Name claims pin ways false
        let eachWay = inEachWay ways (LossClaims.featureLoss settings pin loss)

        report loss.Name settings claims (fun claim ->
            match pin.Original, loss with
            | Some(kind, options), (:? IBuiltLoss as built) when claim = Claim.FirstWeights ->
                FirstWeights.loss kind options settings.Seed built |> Runner.once claim
            | _ -> eachWay claim)

    let private ofLogitLoss pin (settings: CheckSettings) (claims: Claim list) (loss: ILogitLoss) =
        let claims = all claims
        require loss.Name "a loss of logits" (LossClaims.everyLoss ||| LossClaims.ofLogits) claims
        needs<IClassRelation> loss.Name Claim.AffineRows claims loss
        needs<IDecoupled> loss.Name Claim.Decomposition claims loss
        needsTemperature loss.Name claims loss
        needsFormula loss.Name claims pin [] false

        inEachWay (Subjects.logitWays loss) (LossClaims.logitLoss settings pin loss)
        |> report loss.Name settings claims

    let private ofAligner pin (settings: CheckSettings) (claims: Claim list) (aligner: IAligner) =
        let claims = all claims
        require aligner.Name "an aligner" AlignerClaims.ofAligners claims
        needsFormula aligner.Name claims pin [] true

        if claims.HasFlag Claim.DepthZeroIsLinear then
            AlignerClaims.atDepthZero aligner |> ignore

        report aligner.Name settings claims (AlignerClaims.aligner settings pin aligner)

    // What is compared with the catalogue's is what is a copy of it by type or by name.
    let private pinOf (claims: Claim list) subject =
        if (all claims &&& (Claim.Pinned ||| Claim.FirstWeights)) = Claim.None then
            Pin.Nothing
        else
            Pins.ofSubject subject

    /// Tests claims of a loss of feature maps; an `IBuiltLoss` as a function and as it is built. Of a set of claims
    /// (`claimsOf "l2"`) those about more than a function are left out where it is no more.
    let featureLoss (settings: CheckSettings) (claims: Claim list) (loss: IFeatureLoss) : InvariantReport =
        ofFeatureLoss (pinOf claims loss) settings (meant loss claims) loss

    /// Tests claims of a loss of logits.
    let logitLoss (settings: CheckSettings) (claims: Claim list) (loss: ILogitLoss) : InvariantReport =
        ofLogitLoss (pinOf claims loss) settings (meant loss claims) loss

    /// Tests claims of an aligner.
    let aligner (settings: CheckSettings) (claims: Claim list) (aligner: IAligner) : InvariantReport =
        ofAligner (pinOf claims aligner) settings (meant aligner claims) aligner

    let private pinned (pin: Pin) (settings: CheckSettings) (claims: Claim list) (subject: obj) : InvariantReport =
        match subject with
        | :? IFeatureLoss as loss -> ofFeatureLoss pin settings claims loss
        | :? ILogitLoss as loss -> ofLogitLoss pin settings claims loss
        | :? IAligner as found -> ofAligner pin settings claims found
        | other ->
            raise (
                KdException
                    $"check: {other.GetType().Name} is no loss and no aligner; expected an IFeatureLoss, an \
                    ILogitLoss, an IAligner or a name from the catalogue. For a function there are checkLoss, \
                    checkLogitLoss and checkAligner."
            )

    /// Tests claims of a loss or an aligner, or of the catalogue's under this name, which is then held to the options
    /// that its documentation says.
    let anything (settings: CheckSettings) (claims: Claim list option) (subject: obj) : InvariantReport =
        let part =
            match subject with
            | :? string as word -> Subjects.named word
            | other -> other

        let claims =
            match claims with
            | Some claims -> meant part claims
            | None -> [ claimsOf part ]

        let pin =
            match subject with
            | :? string as word when Pins.isOurs word -> Pins.ofWord word
            | _ -> pinOf claims part

        pinned pin settings claims part

    /// Tests something that should be the same as a loss or an aligner of the catalogue: a copy, a faster one, one of
    /// another library. The original is a name ("kd": with the options that its documentation says) or one with its
    /// options (KdLoss 1.0). Claims are those of the original where none are named; left out are then those about more
    /// than a function where the subject is no more: terms, reductions, temperatures, depths, how it starts.
    let like (settings: CheckSettings) (claims: Claim list option) (original: obj) (subject: obj) : InvariantReport =
        let word = Pins.wordOf original

        let pin =
            match original with
            | :? string -> Pins.ofWord word
            | options -> Pins.ofKind word options

        let part =
            match subject with
            | :? string as word -> Subjects.named word
            | other -> other

        let claims = claims |> Option.defaultWith (fun () -> [ claimsOf word ])
        pinned pin settings (meant part claims) part

    /// Tests what a loss claims of itself, and that it is this formula.
    let formula (settings: CheckSettings) (formula: LossFormula) (subject: obj) : InvariantReport =
        pinned
            (Pins.own (Some formula) None [])
            settings
            [ claimsOf subject &&& ~~~Claim.Pinned; Claim.Formula ]
            subject

    /// Tests what an aligner claims of itself, and that it is this formula.
    let alignerFormula (settings: CheckSettings) (formula: AlignerFormula) (subject: IAligner) : InvariantReport =
        let claims = claimsOf subject &&& ~~~Claim.FirstWeights
        ofAligner (Pins.own None (Some formula) []) settings [ claims; Claim.Formula ] subject

    /// Tests what a loss claims of itself, and that it gives these values for these cases.
    let values (settings: CheckSettings) (worked: (IPair * float) list) (subject: obj) : InvariantReport =
        pinned (Pins.own None None worked) settings [ claimsOf subject &&& ~~~Claim.Pinned; Claim.WorkedValue ] subject
