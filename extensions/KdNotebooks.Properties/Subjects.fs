namespace KdNotebooks.Properties

open System
open System.Reflection
open KdNotebooks.Aligners
open KdNotebooks.Invariants
open KdNotebooks.Losses
open KdNotebooks.Catalogue
open KdNotebooks.Parts
open KdNotebooks.Runtime
open TorchSharp

/// A loss for the maps of a case, and what was built for it.
type internal ForCase(loss: Loss, built: torch.nn.Module option) =
    member _.Loss = loss
    member _.Built = built

    interface IDisposable with
        member _.Dispose() =
            Option.iter (fun (modul: torch.nn.Module) -> modul.Dispose()) built

/// One way in which a loss is computed: as a function, or as a module that was built for the maps.
type internal Way =
    {
        /// Empty where there is only one.
        Label: string
        Fit: MapFit
        /// The fewest images that it takes.
        Images: int
        For: IPair -> ForCase
        Claims: Claim
    }

/// What can be checked, and what is known of it.
module internal Subjects =
    let private mostImages = 6

    let private wave start shape =
        Numbers.init shape (fun at -> sin (float at + start))

    let private accepts (loss: Loss) (pair: IPair) =
        try
            Evaluate.value loss pair |> ignore
            true
        with _ ->
            false

    let private mapsOf (student: int list) (teacher: int list) : FeatureMaps =
        {
            Student = wave 0.0 student
            Teacher = wave 0.5 teacher
        }

    // Which maps the function of a built loss takes: without its weights they may be fewer, or none.
    let private ownFit (loss: IFeatureLoss) =
        let compute =
            Loss.unlabelled (fun student teacher -> loss.Compute(student, teacher))

        let teacher = [ mostImages; 2; 2; 2 ]

        [
            MapFit.Any, [ mostImages; 3; 2; 2 ]
            MapFit.SameChannels, [ mostImages; 2; 3; 3 ]
            MapFit.SameShape, teacher
        ]
        |> List.filter (fun (fit, _) -> fit <= loss.Fit)
        |> List.tryFind (fun (_, student) -> accepts compute (mapsOf student teacher))
        |> Option.map fst

    // The fewest images that it takes; 1 where it takes none of these, so that its cases say why.
    let private fewestImages (lossFor: IPair -> ForCase) (pairOf: int -> IPair) =
        let takes images =
            let pair = pairOf images

            try
                use built = lossFor pair
                accepts built.Loss pair
            with :? KdException ->
                false

        seq { 1..mostImages } |> Seq.tryFind takes |> Option.defaultValue 1

    let private shape (map: Numbers) =
        FeatureShape(int64 map.Shape[1], int64 map.Shape[2], int64 map.Shape[3])

    // As if the teacher's map came out of a batch normalization.
    let private statistics (map: Numbers) =
        ChannelStatistics(LossFormula.statistics map |> Array.unzip)

    let private buildWith make (loss: IBuiltLoss) (pair: IPair) =
        let modul: torch.nn.Module<torch.Tensor, torch.Tensor, torch.Tensor> =
            make (fun () -> loss.Build(shape pair.Student, shape pair.Teacher, statistics pair.Teacher))

        let mutable dtype = torch.float64
        modul.``to`` dtype |> ignore

        let compute: Loss =
            fun student teacher _ ->
                if student.dtype <> dtype then
                    dtype <- student.dtype
                    modul.``to`` dtype |> ignore

                Modules.quietly (fun () -> modul.call (student, teacher))

        new ForCase(compute, Some modul)

    let private build loss pair = buildWith (Modules.make 1) loss pair

    /// What is built, as it starts: nothing is filled.
    let started seed (loss: IBuiltLoss) (pair: IPair) =
        buildWith (Modules.seeded seed) loss pair

    let private anyClaim = LanguagePrimitives.EnumOfValue<int64, Claim> -1L

    let private mapWay label fit claims lossFor =
        {
            Label = label
            Fit = fit
            Images = fewestImages lossFor (fun images -> mapsOf [ images; 2; 2; 2 ] [ images; 2; 2; 2 ])
            For = lossFor
            Claims = claims
        }

    let private builtLabel = "built for a connection: "

    // Maps of other sizes, the student's larger and the teacher's, and of other channels.
    let private differing fit : FeatureMaps list =
        match fit with
        | MapFit.SameShape -> []
        | MapFit.SameChannels ->
            [
                mapsOf [ mostImages; 2; 3; 2 ] [ mostImages; 2; 2; 1 ]
                mapsOf [ mostImages; 2; 2; 1 ] [ mostImages; 2; 3; 2 ]
            ]
        | _ ->
            [
                mapsOf [ mostImages; 2; 3; 2 ] [ mostImages; 3; 2; 1 ]
                mapsOf [ mostImages; 3; 2; 1 ] [ mostImages; 2; 3; 2 ]
            ]

    /// Which of the maps that a formula takes a loss takes too, in one of its ways: what it says of itself, or, where
    /// that is less, what is seen. A function says nothing but maps of one shape.
    let fitFor (way: Way) (formula: LossFormula) : MapFit =
        let takes fit =
            differing fit
            |> List.forall (fun maps ->
                try
                    use built = way.For maps
                    accepts built.Loss maps
                with :? KdException ->
                    false)

        // Where the maps of what is built may differ, its weights bring them together.
        if way.Fit >= formula.Fit then
            if way.Label = builtLabel then way.Fit else formula.Fit
        else
            [ MapFit.Any; MapFit.SameChannels ]
            |> List.filter (fun fit -> fit <= formula.Fit && fit > way.Fit)
            |> List.tryFind takes
            |> Option.defaultValue way.Fit

    /// The ways of a feature loss. What a built loss claims beyond every loss, it claims of how it starts.
    let featureWays (loss: IFeatureLoss) =
        let computed fit =
            let compute =
                Loss.unlabelled (fun student teacher -> loss.Compute(student, teacher))

            mapWay "" fit anyClaim (fun _ -> new ForCase(compute, None))

        match loss with
        | :? IBuiltLoss as built ->
            let asBuilt = mapWay builtLabel loss.Fit

            match ownFit loss with
            | Some fit -> [ computed fit; asBuilt (Claim.EveryLoss ||| Claim.Formula) (build built) ]
            | None -> [ asBuilt anyClaim (build built) ]
        | _ -> [ computed loss.Fit ]

    let logitWays (loss: ILogitLoss) =
        let compute: Loss =
            fun student teacher labels -> loss.Compute(student, teacher, labels)

        let logitsOf images : IPair =
            {
                Student = wave 0.0 [ images; 3 ]
                Teacher = wave 0.5 [ images; 3 ]
                Targets =
                    {
                        Classes = 3
                        Labels = Array.zeroCreate images
                    }
            }

        [
            {
                Label = ""
                Fit = MapFit.SameShape
                Images = fewestImages (fun _ -> new ForCase(compute, None)) logitsOf
                For = fun _ -> new ForCase(compute, None)
                Claims = anyClaim
            }
        ]

    /// What a type says of itself; what every loss or aligner claims where it says nothing.
    let claimsOf (subject: obj) =
        match subject.GetType().GetCustomAttribute<AboutAttribute>(), subject with
        | null, (:? IAligner) -> Claim.EveryAligner
        | null, _ -> Claim.EveryLoss
        | attribute, _ -> attribute.Claims

    // What readers have registered under a name.
    let private own (word: string) : obj list =
        [
            match OwnParts.Find<IFeatureLoss> word with
            | null -> ()
            | loss -> loss :> obj
            match OwnParts.Find<ILogitLoss> word with
            | null -> ()
            | loss -> loss :> obj
            match OwnParts.Find<IAligner> word with
            | null -> ()
            | found -> found :> obj
        ]

    /// Every name that `named` knows, in order.
    let names () =
        [
            for card in Seq.append PartTable.Losses.Cards PartTable.Aligners.Cards -> card.Kind
            yield! OwnParts.Names<IFeatureLoss>()
            yield! OwnParts.Names<ILogitLoss>()
            yield! OwnParts.Names<IAligner>()
        ]
        |> List.distinct
        |> List.sort

    /// A loss or an aligner of the catalogue with its default options, or a reader's own that was registered.
    let named (word: string) : obj =
        let ours: obj list =
            [
                for card in Seq.append PartTable.Losses.Cards PartTable.Aligners.Cards do
                    if card.Kind = word then
                        card.Create()
            ]

        match ours @ own word with
        | [ part ] -> part
        | [] ->
            let words = names ()
            let known = String.concat ", " words

            raise (
                KdException
                    $"'{word}' is no loss and no aligner; the nearest is '{Nearest.Of(word, words)}'. Known: {known}."
            )
        | _ ->
            raise (
                KdException $"'{word}' is the name of more than one loss or aligner; pass the one that is meant itself."
            )
