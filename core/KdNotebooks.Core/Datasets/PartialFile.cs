using System.Net.Http.Headers;
using System.Security.Cryptography;
using KdNotebooks.Runtime;

namespace KdNotebooks.Datasets;

/// <summary>
/// A file on its way: its bytes so far in NAME.part and, beside it in NAME.part.tag, what the server called this
/// version of it, so that a later process never glues two versions together.
/// </summary>
internal sealed class PartialFile : IDisposable
{
    private readonly string _target;
    private readonly FileStream _stream;

    private PartialFile(string target, FileStream stream)
    {
        (_target, _stream) = (target, stream);
        if (_stream.Length > 0 && File.Exists(TagPath(target)))
        {
            _ = RangeConditionHeaderValue.TryParse(File.ReadAllText(TagPath(target)), out var version);
            Version = version;
        }
    }

    /// <summary>How many bytes are here.</summary>
    public long Length => _stream.Length;

    /// <summary>What the server called the version that the bytes are of; null where it gave it no name.</summary>
    public RangeConditionHeaderValue? Version { get; private set; }

    /// <summary>Opens what an earlier try left, or begins anew.</summary>
    /// <exception cref="KdException">The folder cannot be written, or another download is running.</exception>
    public static PartialFile Open(string target)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            var stream = new FileStream(target + ".part", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return new PartialFile(target, stream);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new KdException(
                $"{target}.part: cannot be written ({problem.Message}). Is another download of it running? "
                + "Otherwise choose a folder that you may write to.", problem);
        }
    }

    /// <summary>Forgets what is here; what comes next is of this version.</summary>
    public void Restart(RangeConditionHeaderValue? version)
    {
        _stream.SetLength(0);
        File.Delete(TagPath(_target));
        Version = version;
        if (version is not null)
        {
            File.WriteAllText(TagPath(_target), version.ToString());
        }
    }

    /// <summary>Adds to the end.</summary>
    public async Task AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        _stream.Seek(0, SeekOrigin.End);
        await _stream.WriteAsync(bytes, cancel);
    }

    /// <summary>SHA-256 of what is here, 64 lower-case hex digits.</summary>
    public async Task<string> HashAsync(CancellationToken cancel)
    {
        _stream.Position = 0;
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(_stream, cancel));
    }

    /// <summary>Puts the file in its place.</summary>
    public void Finish()
    {
        _stream.Dispose();
        File.Move(_target + ".part", _target, overwrite: true);
        File.Delete(TagPath(_target));
    }

    /// <summary>Leaves nothing behind.</summary>
    public void Discard()
    {
        _stream.Dispose();
        File.Delete(_target + ".part");
        File.Delete(TagPath(_target));
    }

    /// <summary>Keeps what came for the next try; where nothing came, nothing is left.</summary>
    public void Dispose()
    {
        if (!_stream.CanRead)
        {
            return;
        }

        if (Length == 0)
        {
            Discard();
        }

        _stream.Dispose();
    }

    private static string TagPath(string target) => target + ".part.tag";
}
