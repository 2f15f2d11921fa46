namespace KdNotebooks.Kernel.Notebooks;

/// <summary>Whole files or none: text is written beside its place and then moved there.</summary>
internal static class AtomicFile
{
    public static void Write(string path, string text)
    {
        var beside = $"{path}.{Path.GetRandomFileName()}";
        try
        {
            File.WriteAllText(beside, text);
            File.Move(beside, path, overwrite: true);
        }
        finally
        {
            File.Delete(beside);
        }
    }
}
