using System.Security.Cryptography;

namespace KdNotebooks.Runtime;

/// <summary>The user's own folder for what can be made again: mended libraries, unpacked weights, teacher features.</summary>
internal static class UserCache
{
    /// <summary>Writes the bytes under a name that holds their hash, unless they are there already; returns the path.</summary>
    /// <remarks>A file that is there with other contents (damaged, or not ours) is replaced, never used.</remarks>
    public static string Write(string kind, byte[] bytes, string fileName)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes))[..16];
        var folder = Path.Combine(Folder(kind), hash);
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

    /// <summary>A folder that can be written: below XDG_CACHE_HOME, else ~/.cache.</summary>
    /// <remarks>
    /// A service account may have no home: then a private folder below the temporary one, new at each call, because a
    /// name that others can foresee in a shared folder is a name that others can plant a library under.
    /// </remarks>
    public static string Folder(string kind) =>
        Lasting(kind) ?? Directory.CreateTempSubdirectory("kdnotebooks-").FullName;

    /// <summary>The same where it outlives the process; null where there is no such folder.</summary>
    public static string? Lasting(string kind)
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (string.IsNullOrEmpty(cache))
        {
            var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            cache = home.Length == 0 ? "" : Path.Combine(home, ".cache");
        }

        return cache.Length > 0 ? TryCreate(Path.Combine(cache, "kdnotebooks", kind)) : null;
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
