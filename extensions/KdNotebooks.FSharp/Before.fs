// Words of cells that were written before a word was changed: they go on to mean what they meant.
namespace KdNotebooks.FSharp

/// Optimizers under their earlier spelling.
type Optimiser = Optimizer

namespace KdNotebooks.Experiments

/// Recipes, runs and results were in this one namespace; each has its own by now.
type Recipe = KdNotebooks.Recipes.Recipe

type RecipeJson = KdNotebooks.Recipes.RecipeJson
type TeacherSpec = KdNotebooks.Recipes.TeacherSpec
type TeacherSource = KdNotebooks.Recipes.TeacherSource
type InitialWeights = KdNotebooks.Weights.InitialWeights
type TrainedModel = KdNotebooks.Teachers.TrainedModel
type TeacherCheck = KdNotebooks.Teachers.TeacherCheck
type Experiment = KdNotebooks.Runs.Experiment
type ExperimentResult = KdNotebooks.Runs.ExperimentResult
type RunResult = KdNotebooks.Runs.RunResult
type ResultTable = KdNotebooks.Results.ResultTable
type ResultRow = KdNotebooks.Results.ResultRow

namespace KdNotebooks.Losses

/// Losses under their earlier names.
type SquaredL2 = L2Loss

type SoftTargets = KdLoss
type Decoupled = DkdLoss
type Dist = DistLoss
type AttentionTransfer = AtLoss
type SimilarityPreserving = SpLoss
type NeuronSelectivity = NstLoss
type Relational = RkdLoss
type ProbabilisticTransfer = PktLoss
type CorrelationCongruence = CcLoss
type ChannelWiseDivergence = CwdLoss
type PearsonMap = PkdLoss
type LogSum = SrdLoss
type NormalisedSmoothL1 = VkdLoss
type CosineDistance = CosineLoss
