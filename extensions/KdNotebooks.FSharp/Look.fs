namespace KdNotebooks.FSharp

open KdNotebooks.Data
open KdNotebooks.Experiments
open KdNotebooks.Models
open KdNotebooks.Runtime

/// Looking before training.
[<AutoOpen>]
module Look =
    /// Loads a dataset: `.Train`, `.Validation` and `.Test` are its splits.
    let load (spec: DataSpec) : ImageData = Datasets.Load spec

    /// Measures a trained teacher on a dataset's validation and test images; fails near chance.
    let measure (teacher: TeacherSpec) (data: ImageData) =
        TeacherCheck.Of(TrainedModel.Load teacher.Weights, data, Devices.Select "auto", Cancellation.Current)

    /// The module paths of a model with the shapes of their outputs: where `connect` can be set.
    let modules (model: IModelSpec) (data: ImageData) =
        use built = model.Build(data.Train.Channels, data.Train.ClassNames.Count)
        ModuleTable.Of(built, int64 data.Train.Channels, int64 data.Train.Height, int64 data.Train.Width)

    /// The model of a trained teacher, without its weights.
    let modelOf (teacher: TeacherSpec) =
        (TrainedModel.Load teacher.Weights).Spec
