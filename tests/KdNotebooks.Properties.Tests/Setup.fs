namespace KdNotebooks.Properties.Tests

open System
open FsCheck
open FsCheck.FSharp
open KdNotebooks.Properties
open KdNotebooks.Native
open KdNotebooks.Runtime
open global.Xunit

/// Tests make tensors before they call the core, which would have loaded the native libraries.
type TorchReady() =
    do NativeLibraries.EnsureLoaded()

module Assembly =
    // One after the other: torch's generator is one for all threads.
    [<assembly: global.Xunit.v3.Parallelization(Mode = global.Xunit.Sdk.ParallelMode.None)>]
    [<assembly: AssemblyFixture(typeof<TorchReady>)>]
    do ()

module Setup =
    /// KD_PROPERTY_CASES=1000 tries ten times as many cases as `dotnet test` does.
    let cases =
        match Environment.GetEnvironmentVariable "KD_PROPERTY_CASES" with
        | null
        | "" -> 100
        | text -> int text

    /// KD_PROPERTY_SEED=2 tries others.
    let seed =
        match Environment.GetEnvironmentVariable "KD_PROPERTY_SEED" with
        | null
        | "" -> 1UL
        | text -> uint64 text

    let settings =
        { CheckSettings.Default with
            Cases = cases
            Seed = seed
        }

    /// Tries cases until one fails, then smaller ones; a test that cares keeps what it was given last.
    let tryAll (arbitrary: Arbitrary<'case>) (test: 'case -> bool) =
        let quiet =
            { new IRunner with
                member _.OnStartFixture _ = ()
                member _.OnArguments(_, _, _) = ()
                member _.OnShrink(_, _) = ()
                member _.OnFinished(_, _) = ()
            }

        let config =
            Config.Quick.WithMaxTest(cases).WithReplay(Some { Rnd = Rnd seed; Size = None }).WithRunner(quiet)

        FsCheck.Check.One(config, Prop.forAll arbitrary test)

    let fails (message: string) (action: unit -> 'a) =
        let error = Assert.Throws<KdException>(fun () -> action () |> ignore)
        Assert.Contains(message, error.Message)

    let message finding =
        match finding with
        | Finding.Broken message -> message
        | other ->
            Assert.Fail $"Expected a broken invariant; it is {other}."
            ""
