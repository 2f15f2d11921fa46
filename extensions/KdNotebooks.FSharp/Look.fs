namespace KdNotebooks.FSharp

open KdNotebooks.Data
open KdNotebooks.Datasets
open KdNotebooks.Models
open KdNotebooks.Recipes
open KdNotebooks.Teachers
open KdNotebooks.Native
open KdNotebooks.Runtime
open KdNotebooks.Catalogue
open KdNotebooks.Tasks

/// Looking before training.
[<AutoOpen>]
module Look =
    let private check (teacher: TeacherSpec) (task: ITask) =
        TeacherCheck.Of(TrainedModel.Load teacher, task, Devices.Select "auto", RunContext.Current.Cancellation)

    let private listed (model: IModelSpec) (image: int64 seq) (data: Dataset) =
        let shape = Seq.toArray image
        use built = model.Build(int shape[0], data.ClassNames.Count)
        ModuleTable.Of(built, shape)

    /// Loads a dataset: `.Train`, `.Validation` and `.Test` are its splits; the last is null where its labels are not
    /// published.
    let load (spec: DataSpec) : Dataset = KnownDatasets.Open spec

    /// Measures a trained teacher on a dataset's validation and test images, by the task that the dataset is one for;
    /// fails near chance.
    let measure (teacher: TeacherSpec) (data: Dataset) =
        let task = PartKinds.TaskOf data
        task.On(data, PaddedCrop.None) |> check teacher

    /// Measures a recipe's teacher as the recipe's students will be: by its task, on its data.
    let measureTeacher (recipe: Recipe) =
        match recipe.Teacher with
        | null ->
            raise (KdException $"Recipe '{recipe.Method}' names no teacher; add `teacher (Pretrained.model ...)`.")
        | teacher -> check teacher (recipe.OpenTask())

    /// The module paths of a model with the shapes of their outputs: where `connect` can be set.
    let modules (model: IModelSpec) (data: Dataset) = listed model data.ImageShape data

    /// The module paths of a recipe's student, for images as training cuts them.
    let modulesOf (recipe: Recipe) =
        let task = recipe.OpenTask()
        listed recipe.Student task.Image task.Data

    /// The model of a trained teacher, without its weights.
    let modelOf (teacher: TeacherSpec) = (TrainedModel.Load teacher).Spec
