namespace KdNotebooks.FSharp

open KdNotebooks.Aligners
open KdNotebooks.Distillation
open KdNotebooks.Recipes
open KdNotebooks.Results
open KdNotebooks.Runs
open KdNotebooks.Runtime

/// One column of an ablation: a name, and what it changes in the recipe.
type Variant =
    {
        Name: string
        Change: Recipe -> Recipe
    }

/// The words of an experiment.
[<AutoOpen>]
module Words =
    /// Writes a recipe: `distill { data FashionMnist.mini; teacher ...; student ...; connect ...; alpha 5.0 }`.
    let distill = RecipeBuilder()

    /// The student alone: no teacher, and the task at its full weight of 1, whatever weight the recipe gives it beside
    /// its teacher.
    let noDistillation = { Name = "none"; Change = _.Alone() }

    /// The recipe with another aligner in every connection, called by the aligner's name: `via (channelMlp 1 |> hidden 64)`.
    let via (aligner: IAligner) =
        {
            Name = aligner.Name
            Change = _.MapConnections(fun c -> c.With(aligner = aligner))
        }

    /// The recipe with a linear aligner.
    let linear = via linearAligner

    /// The recipe with the channel-wise MLP of this depth.
    let mlp depth = via (channelMlp depth)

    /// The recipe with another weight on every connection, and on a review.
    let weight (alpha: float) =
        {
            Name = $"alpha {string alpha}" // invariant, whatever the reader's culture
            Change = _.MapConnections(fun c -> c.With(alpha = alpha)).MapReview(fun f -> f.With(alpha = alpha))
        }

    /// The recipe with its connections between these module paths instead: `connecting "layer2" "layer2"`.
    let connecting (student: string) (teacher: string) =
        {
            Name =
                if student = teacher then
                    student
                else
                    $"{student} to {teacher}"
            Change =
                fun recipe ->
                    let moved =
                        recipe.MapConnections(fun c -> c.With(student = student, teacher = teacher))

                    moved.With(connections = (moved.Connections |> Seq.distinct |> Seq.toArray))
        }

    /// The recipe with the gradient of each step clipped to this L2 norm.
    let clipped (norm: float) =
        {
            Name = $"clip {string norm}"
            Change = fun recipe -> recipe.With(clipNorm = norm)
        }

    /// Two changes as one: `linear |> together (weight 2.0)` is called "linear, alpha 2".
    let together second first =
        {
            Name = $"{first.Name}, {second.Name}"
            Change = first.Change >> second.Change
        }

    /// The variant under another name: `via (channelMlp 1 |> hidden 64) |> called "mlp-1 narrow"`.
    let called name (variant: Variant) = { variant with Name = name }

    /// The seeds 1 to n.
    let seeds n = [ 1..n ]

    /// Every variant of a recipe with every seed; the first variant is the baseline.
    let ablate (recipe: Recipe) (variants: Variant list) (seeds: int list) =
        [
            for variant in variants do
                for seed in seeds -> (variant.Change recipe).With(``method`` = variant.Name, seed = seed)
        ]

    /// Trains and measures recipes; those that see the same images go side by side.
    let run (recipes: Recipe list) =
        Experiment.Run(List.toArray recipes, RunContext.Current)

    /// The same, with TensorBoard's events in every run's folder: `tensorboard --logdir OUTPUT/runs`.
    let runWithEvents (recipes: Recipe list) =
        let context = RunContext.Current
        use _ = RunContext.Use(context.WithTensorBoard())
        run recipes

    /// The measured numbers, with the first method as the baseline.
    let table (result: ExperimentResult) = result.Table

    /// What was measured on one split alone: `table result |> on "validation"`.
    let on split (table: ResultTable) = table.On split

    /// Some methods beside the baseline: `table result |> among [ "linear"; "mlp-1" ]`. Their intervals stay those of
    /// all that were compared.
    let among (methods: string list) (table: ResultTable) = table.Among(List.toArray methods)

    /// Validation accuracy over the epochs: shown as mean and band for each method.
    let curves (result: ExperimentResult) = result.Curves

    /// A sentence that says what came out for one method against the baseline, by an interval that holds for all
    /// methods of the table at once.
    let conclude (result: ExperimentResult) (name: string) = Conclusion.Of(result.Table, name)

    /// The same against another method than the baseline: `concludeAgainst "linear" result "mlp-1"`.
    let concludeAgainst (baseline: string) (result: ExperimentResult) (name: string) =
        Conclusion.Of(ResultTable(result.Table.Rows, baseline), name)

    /// Writes results.json beside the run folders, and gives the result back.
    let save (result: ExperimentResult) =
        let output = RunContext.Current.Output
        System.IO.Directory.CreateDirectory output |> ignore
        ResultsFile.Write(System.IO.Path.Combine(output, "results.json"), result.Table.Rows)
        result
