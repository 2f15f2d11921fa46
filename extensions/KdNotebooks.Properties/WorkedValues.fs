namespace KdNotebooks.Properties

/// What every loss of the catalogue gives with its usual options for two fixed cases, computed apart from it and from
/// its formula here (tests/golden/worked_values.py).
[<RequireQualifiedAccess>]
module WorkedValues =
    let private student shape =
        Numbers.init shape (fun i -> float ((7 * i + 3) % 11 - 5) / 4.0)

    let private teacher shape =
        Numbers.init shape (fun i -> float ((5 * i + 1) % 13 - 6) / 4.0)

    /// Three images of two channels, 5 x 2, student and teacher.
    let maps: FeatureMaps =
        let shape = [ 3; 2; 5; 2 ]

        {
            Student = student shape
            Teacher = teacher shape
        }

    /// Three images, four classes, of which 1, 0 and 3 are true.
    let logits: Logits =
        let shape = [ 3; 4 ]

        {
            Student = student shape
            Teacher = teacher shape
            Targets = { Classes = 4; Labels = [| 1; 0; 3 |] }
        }

    let private ofLogits =
        [ "kd", 0.354727832143; "dkd", 2.9150191986; "dist", 0.698676034631 ]

    let private ofMaps =
        [
            "l2", 1.29479166667
            "score-l2", 1.29479166667
            "at", 0.0654550559684
            "sp", 0.0116558832087
            "nst", 0.945569222876
            "rkd", 1.76317676228
            "pkt", 0.0451003795699
            "cc", 0.0090625
            "vid", 0.934198122884
            "ab", 0.0839375
            "ft", 0.224261785935
            // Its margins: those of the teacher's mean and deviation here.
            "ofd", 20.0289803387
            "cwd", 0.531040666707
            "pkd", 0.826456961326
            "fgd", 0.0055307724729
            "hcl", 0.858019290123
            "srd", 0.980009779466
            "vkd", 0.439681645427
            "cosine", 0.439235393129
        ]

    /// The case and the value for a kind of loss.
    let tryFind kind : (IPair * float) option =
        let find pair values =
            values
            |> List.tryFind (fun (other, _) -> other = kind)
            |> Option.map (fun (_, value) -> pair, value)

        find (logits :> IPair) ofLogits |> Option.orElse (find maps ofMaps)
