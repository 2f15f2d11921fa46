using System.Security.Cryptography;

namespace KdNotebooks.Runtime;

/// <summary>Hashes of whole files.</summary>
public static class Sha256
{
    /// <summary>64 lower-case hex digits.</summary>
    public static string OfFile(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
