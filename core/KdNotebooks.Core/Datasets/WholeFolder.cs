using KdNotebooks.Runtime;

namespace KdNotebooks.Datasets;

/// <summary>Writes a folder beside its place and then puts it there: whole or not at all.</summary>
internal static class WholeFolder
{
    /// <param name="place">A full path; what is there is replaced.</param>
    /// <param name="fill">Writes into the folder that it is given, which it makes.</param>
    /// <returns>What <paramref name="fill"/> gives.</returns>
    /// <exception cref="KdException">It cannot be written.</exception>
    public static T Write<T>(string place, Func<string, T> fill)
    {
        var beside = $"{place}.{Guid.NewGuid():N}.tmp";
        try
        {
            var result = fill(beside);
            if (Directory.Exists(place))
            {
                Directory.Delete(place, recursive: true);
            }

            Directory.Move(beside, place);
            return result;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new KdException($"{place}: cannot be written: {problem.Message}", problem);
        }
        finally
        {
            if (Directory.Exists(beside))
            {
                Directory.Delete(beside, recursive: true);
            }
        }
    }
}
