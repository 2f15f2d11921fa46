namespace KdNotebooks.Results;

/// <summary>What the comparison of one method with the baseline came to.</summary>
public enum Finding
{
    /// <summary>It is the baseline, or the baseline was not measured.</summary>
    NotCompared,

    /// <summary>The two share no seed.</summary>
    NotPaired,

    /// <summary>One seed in common: a difference, and nothing to judge it by.</summary>
    OneSeed,

    /// <summary>A value is not a finite number.</summary>
    NotFinite,

    /// <summary>Every seed in common gives exactly the baseline's value.</summary>
    Same,

    /// <summary>All seeds differ from the baseline by one amount: a variance of nothing bears no claim.</summary>
    NoSpread,

    /// <summary>The simultaneous interval holds zero.</summary>
    NotShown,

    /// <summary>The simultaneous interval lies above zero.</summary>
    Higher,

    /// <summary>The simultaneous interval lies below zero.</summary>
    Lower,
}
