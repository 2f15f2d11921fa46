using System.Security.Cryptography;
using System.Text;

namespace KdNotebooks.Runtime;

/// <summary>Hashes of whole files and texts.</summary>
public static class Sha256
{
    /// <summary>64 lower-case hex digits.</summary>
    public static string OfFile(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    /// <summary>Of its UTF-8; 64 lower-case hex digits.</summary>
    public static string OfText(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
