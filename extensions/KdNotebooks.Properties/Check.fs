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

    /// Tests claims of a loss of feature maps; an `IBuiltLoss` as a function and as it is built.
    let featureLoss (settings: CheckSettings) (claims: Claim list) (loss: IFeatureLoss) : InvariantReport =
        let claims = all claims
        require loss.Name "a loss of feature maps" (LossClaims.everyLoss ||| LossClaims.ofMaps) claims
        needs<IReducible> loss.Name Claim.SumIsMeanTimesSize claims loss

        inEachWay (Subjects.featureWays loss) (LossClaims.featureLoss settings loss)
        |> report loss.Name settings claims

    /// Tests claims of a loss of logits.
    let logitLoss (settings: CheckSettings) (claims: Claim list) (loss: ILogitLoss) : InvariantReport =
        let claims = all claims
        require loss.Name "a loss of logits" (LossClaims.everyLoss ||| LossClaims.ofLogits) claims
        needs<IClassRelation> loss.Name Claim.AffineRows claims loss
        needs<IDecoupled> loss.Name Claim.Decomposition claims loss

        inEachWay (Subjects.logitWays loss) (LossClaims.logitLoss settings loss)
        |> report loss.Name settings claims

    /// Tests claims of an aligner.
    let aligner (settings: CheckSettings) (claims: Claim list) (aligner: IAligner) : InvariantReport =
        let claims = all claims
        require aligner.Name "an aligner" AlignerClaims.ofAligners claims

        if claims.HasFlag Claim.DepthZeroIsLinear then
            AlignerClaims.atDepthZero aligner |> ignore

        report aligner.Name settings claims (AlignerClaims.aligner settings aligner)

    /// Tests claims of a loss or an aligner, or of the catalogue's under this name.
    let rec anything (settings: CheckSettings) (claims: Claim list option) (subject: obj) : InvariantReport =
        let own = lazy (claims |> Option.defaultWith (fun () -> [ claimsOf subject ]))

        match subject with
        | :? string as word -> anything settings claims (Subjects.named word)
        | :? IFeatureLoss as loss -> featureLoss settings own.Value loss
        | :? ILogitLoss as loss -> logitLoss settings own.Value loss
        | :? IAligner as found -> aligner settings own.Value found
        | other ->
            raise (
                KdException
                    $"check: {other.GetType().Name} is no loss and no aligner; expected an IFeatureLoss, an \
                    ILogitLoss, an IAligner or a name from the catalogue. For a function there are checkLoss, \
                    checkLogitLoss and checkAligner."
            )
