using KdNotebooks.Runtime;

namespace KdNotebooks.Distillation;

/// <summary>Kept features are not what was written: they are made again, and nobody else hears of it.</summary>
internal sealed class DamagedFeaturesException(string message) : KdException(message);
