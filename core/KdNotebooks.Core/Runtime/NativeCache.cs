using System.Security.Cryptography;

namespace KdNotebooks.Runtime;

/// <summary>The user's own folder for libraries that had to be mended before they load.</summary>
internal static class NativeCache
{
    /// <summary>Writes the bytes under a name that holds their hash, unless they are there already; returns the path.</summary>
    /// <remarks>A file that is there with other contents (damaged, or not ours) is replaced, never loaded.</remarks>
    public static string Write(byte[] bytes, string fileName)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes))[..16];
        var folder = Path.Combine(Root(), hash);
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, fileName);
        if (!File.Exists(path) || !File.ReadAllBytes(path).AsSpan().SequenceEqual(bytes))
        {
            var beside = Path.Combine(folder, Path.GetRandomFileName());
            File.WriteAllBytes(beside, bytes);
            File.Move(beside, path, overwrite: true);
        }

        return path;
    }

    // A service account may have no home: then a private folder below the temporary one, new for each process, because
    // a name that others can foresee in a shared folder is a name that others can plant a library under.
    private static string Root()
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (string.IsNullOrEmpty(cache))
        {
            var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            cache = home.Length == 0 ? "" : Path.Combine(home, ".cache");
        }

        if (cache.Length > 0 && TryCreate(Path.Combine(cache, "kdnotebooks", "native")) is { } root)
        {
            return root;
        }

        return Directory.CreateTempSubdirectory("kdnotebooks-").FullName;
    }

    private static string? TryCreate(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var probe = Path.Combine(folder, Path.GetRandomFileName());
            using (File.Create(probe, 1, FileOptions.DeleteOnClose))
            {
                return folder;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
