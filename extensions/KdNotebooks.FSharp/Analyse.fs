namespace KdNotebooks.FSharp

open KdNotebooks.Analysis
open KdNotebooks.Recipes
open KdNotebooks.Runs
open KdNotebooks.Teachers
open KdNotebooks.Native
open KdNotebooks.Runtime

/// Looking at trained runs. A cell that ends in one of these shows it as a figure.
[<AutoOpen>]
module Analyse =
    /// Opens one run of a result, by its method and seed: `examine result "mlp-1" 1`.
    let examine (result: ExperimentResult) (name: string) (seed: int) =
        let fits (run: RunResult) =
            run.Recipe.Method = name && run.Recipe.Seed = seed

        match Seq.tryFind fits result.Runs with
        | Some run -> TrainedRun.Open run
        | None ->
            let title (run: RunResult) =
                $"{run.Recipe.Method}, seed {run.Recipe.Seed}"

            let known = Seq.map title result.Runs
            let list = String.concat "; " known
            let nearest = Nearest.Of($"{name}, seed {seed}", known)
            raise (KdException $"examine: '{name}, seed {seed}' was not run; the nearest is '{nearest}'. Run: {list}.")

    /// Opens a run by its folder: `openRun "artifacts/01/runs/mlp-1-seed1-0123456789ab"`.
    let openRun (folder: string) = TrainedRun.Open folder

    /// What the student predicts for every test image; for the first few where a prediction is as large as an image.
    let predictions (run: TrainedRun) = run.Predict()

    /// The predictions of two runs beside each other, those in which they differ first: `predictions a |> beside b`.
    let beside (baseline: TrainedRun) (method: Predictions) =
        PredictionPair(baseline.Predict(method.Split, method.Images), method)

    /// How much of each class was taken for each class: images, or pixels, as the task counts.
    let confusion (run: TrainedRun) = run.Confusion()

    /// The maps of one test image: the teacher's, the student's, the transformed student's and their difference.
    let maps (index: int) (run: TrainedRun) = run.Maps index

    /// The correlation of student and teacher channels before and after the transformation, for each connection.
    let correlation (run: TrainedRun) = run.Correlation()

    /// How alike the stages of the student and its teacher are.
    let cka (run: TrainedRun) = run.Cka()

    /// The same with a teacher that is named, for a student that learned alone: `ckaWith teacher run`.
    let ckaWith (teacher: TeacherSpec) (run: TrainedRun) = run.Cka(CkaOptions(Of = teacher))

    /// Images with their truth beside what runs predict: `scenes [ 0; 5 ] [ examine result "none" 1 ]`.
    let scenes (images: int list) (runs: TrainedRun list) =
        PredictionTable.Of(List.toArray runs, List.toArray images)

    /// The same with what a teacher predicts before them: `scenesWith teacher [ 0; 5 ] [ run ]`.
    let scenesWith (teacher: TeacherSpec) (images: int list) (runs: TrainedRun list) =
        PredictionTable.Of(List.toArray runs, List.toArray images, teacher = teacher)

    /// What a method changes for each class against the baseline, paired over seeds: `classChange result "mlp-1"`. What is
    /// measured of a class is the task's: images that are recognized, intersection over union.
    let classChange (result: ExperimentResult) (name: string) = ClassChange.Of(result, name)

    /// What the task draws of every method, mean and range over the seeds: a detector's precision over recall.
    let scoreCurves (result: ExperimentResult) = ScoreCurves.Of result

/// A student alone, without its aligners, for others: `examine result "mlp-1" 1 |> Export.onnx "student.onnx"`.
[<RequireQualifiedAccess>]
module Export =
    let private student (run: TrainedRun) =
        TrainedModel.Load(System.IO.Path.Combine(run.Folder, "last.safetensors"))

    /// As safetensors, under the names of the code base that the network is called after: PyTorch loads it as it is.
    let safetensors (file: string) (run: TrainedRun) =
        ModelExport.SafeTensors(student run, file)

    /// As ONNX (opset 13): "images" [batch, C, H, W], of the size it was trained on and normalized as there, to "logits".
    let onnx (file: string) (run: TrainedRun) = ModelExport.Onnx(student run, file)

    /// The same with batch normalization taken into the convolutions before it.
    let onnxFolded (file: string) (run: TrainedRun) =
        ModelExport.Onnx(student run, file, fold = true)
