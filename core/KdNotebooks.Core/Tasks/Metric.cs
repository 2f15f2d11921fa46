namespace KdNotebooks.Tasks;

/// <summary>What is measured: a task's own names.</summary>
/// <param name="Name">"accuracy", "mIoU", "loss".</param>
/// <param name="Unit">"%" (the default) from 0 to 100; empty for a bare number.</param>
/// <param name="HigherIsBetter">The default value is true.</param>
public readonly record struct MetricKind(string Name, string Unit = MetricKind.Percent, bool HigherIsBetter = true)
{
    /// <summary>The unit of a share from 0 to 100.</summary>
    public const string Percent = "%";

    /// <summary>The metric that goes without saying: "81.90 %" is this one's.</summary>
    public const string Unsaid = "accuracy";

    /// <summary>What is minimized over the validation images; every task has it.</summary>
    public static MetricKind Loss { get; } = new("loss", "", false);

    /// <summary>What a name means where nothing else is said: the loss is lower for better, all else a percentage.</summary>
    public static MetricKind Named(string name) => name == Loss.Name ? Loss : new MetricKind(name);

    public bool IsPercent => Unit == Percent;

    /// <summary>"accuracy (%)", "loss".</summary>
    public string WithUnit => Unit.Length > 0 ? $"{Name} ({Unit})" : Name;

    /// <summary>"mIoU ", to stand before a number; empty for the one that goes without saying.</summary>
    public string Prefix => Name == Unsaid ? "" : $"{Name} ";
}

/// <summary>One number of a score.</summary>
public readonly record struct Metric(MetricKind Kind, double Value)
{
    /// <param name="name">Of a percentage, the more the better.</param>
    public Metric(string name, double value) : this(new MetricKind(name), value)
    {
    }

    public string Name => Kind.Name;
}
