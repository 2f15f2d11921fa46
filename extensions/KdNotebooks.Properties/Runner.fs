namespace KdNotebooks.Properties

open System
open System.Collections.Generic
open FsCheck
open FsCheck.FSharp
open KdNotebooks.Invariants
open KdNotebooks.Native
open KdNotebooks.Runtime

/// How many cases, and which.
type CheckSettings =
    {
        /// Cases for each claim.
        Cases: int
        /// Gives the same cases again.
        Seed: uint64
        /// The fewest images of a case. A loss that needs more is given more.
        MinimumImages: int
    }

    static member Default =
        {
            Cases = 100
            Seed = 1UL
            MinimumImages = 1
        }

/// Tries one claim with FsCheck's cases, and makes a case that breaks it as small as it can.
module internal Runner =
    // A loss of a notebook may be slow; what is not found by then stays a little larger.
    let private mostSmallerCases = 2000

    // A garbage collection that another thread sets off may free one of TorchSharp's scalars while libtorch reads it;
    // what comes of that does not come again. (CollectionPause, which keeps it out of training, is dear for so many
    // cases.)
    let private twice test case =
        match test case with
        | Finding.Broken _ -> test case
        | other -> other

    /// What one case alone says, of which there is nothing to show.
    let once claim finding =
        match finding with
        | Finding.Held -> ClaimResult(claim, Verdict.Held, 1, "", [||])
        | Finding.Broken message -> ClaimResult(claim, Verdict.Broken, 1, message, [||])
        | Finding.Discarded why -> ClaimResult(claim, Verdict.NotTested, 0, why, [||])

    type private Watcher() =
        let mutable result = None
        member _.Result = result

        interface IRunner with
            member _.OnStartFixture _ = ()
            member _.OnArguments(_, _, _) = ()
            member _.OnShrink(_, _) = ()
            member _.OnFinished(_, outcome) = result <- Some outcome

    /// What the cases say of a claim. A discarded case is replaced by another; where more are discarded than were asked
    /// for, nothing is said.
    let run settings claim (cases: Arbitrary<'case>) (test: 'case -> Finding) (show: 'case -> SmallTensor list) =
        let stop = RunContext.Current.Cancellation
        let mutable broken = None
        let mutable smaller = 0
        let mutable reason = ""

        let judge case =
            // FsCheck takes an exception for an answer, so a reader who interrupts makes the rest hold.
            if stop.IsCancellationRequested || smaller > mostSmallerCases then
                Finding.Held
            else
                let outcome = twice test case

                if broken.IsSome then
                    smaller <- smaller + 1

                match outcome with
                | Finding.Broken message -> broken <- Some(case, message)
                | Finding.Discarded why -> reason <- why
                | Finding.Held -> ()

                outcome

        let property =
            Prop.forAll cases (fun case ->
                match judge case with
                | Finding.Held -> Prop.ofTestable true
                | Finding.Broken _ -> Prop.ofTestable false
                | Finding.Discarded _ -> Prop.filter false true)

        let watcher = Watcher()

        let config =
            Config.Quick
                .WithMaxTest(settings.Cases)
                .WithMaxRejected(settings.Cases)
                .WithReplay(Some { Rnd = Rnd settings.Seed; Size = None })
                .WithRunner(watcher)

        Check.One(config, property)
        stop.ThrowIfCancellationRequested()

        match watcher.Result, broken with
        | Some(TestResult.Failed(data, _, _, _, _, _, _)), Some(case, message) ->
            ClaimResult(claim, Verdict.Broken, data.NumberOfTests, message, List.toArray (show case))
        | Some(TestResult.Passed(data, _)), _ -> ClaimResult(claim, Verdict.Held, data.NumberOfTests, "", [||])
        | Some(TestResult.Exhausted data), _ ->
            let message =
                $"only {data.NumberOfTests} of {settings.Cases} cases could be used, and as many were discarded: \
                {reason}"

            ClaimResult(claim, Verdict.NotTested, data.NumberOfTests, message, [||])
        | result, _ -> raise (InvalidOperationException $"FsCheck ended without a case that explains it: {result}")
