namespace KdNotebooks.Runtime;

/// <summary>What an exception of foreign code says, in one line.</summary>
internal static class Failure
{
    // Torch's messages go on with where in its C++ they were raised.
    internal static string Line(Exception error)
    {
        var text = (error.InnerException is { } inner && error is System.Reflection.TargetInvocationException
            ? inner.Message : error.Message).Trim();
        var line = text.Split('\n')[0].TrimEnd();
        return NameList.Short(line.Length == 0 ? error.GetType().Name : line);
    }
}
