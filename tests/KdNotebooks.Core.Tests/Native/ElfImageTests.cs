using KdNotebooks.Native;
using KdNotebooks.Runtime;

namespace KdNotebooks.Tests.Native;

public sealed class ElfImageTests
{
    private static readonly string Shipped = Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so");

    [Fact]
    public void A_version_that_no_relocation_uses_is_waived_by_one_bit()
    {
        var bytes = File.ReadAllBytes(Shipped);

        var mended = new ElfImage(bytes).WithWeakVersion("GLIBCXX_3.4.32");

        Assert.NotNull(mended);
        var changed = Enumerable.Range(0, bytes.Length).Where(i => bytes[i] != mended[i]).ToArray();
        Assert.Equal(2, Assert.Single(changed.Select(i => bytes[i] ^ mended[i])));
        Assert.Contains("GLIBCXX_3.4.32", new ElfImage(bytes).StrongVersions());
        Assert.DoesNotContain("GLIBCXX_3.4.32", new ElfImage(mended).StrongVersions());
    }

    [Fact]
    public void A_version_whose_symbols_are_used_is_never_waived() =>
        Assert.Null(new ElfImage(File.ReadAllBytes(Shipped)).WithWeakVersion("GLIBCXX_3.4"));

    [Fact]
    public void A_version_that_is_not_needed_is_not_waived() =>
        Assert.Null(new ElfImage(File.ReadAllBytes(Shipped)).WithWeakVersion("GLIBCXX_9.9.9"));

    [Fact]
    public void A_file_that_is_no_library_is_refused()
    {
        var error = Assert.Throws<KdException>(() => new ElfImage(new byte[100]));

        Assert.Contains("expected a 64-bit little-endian ELF library", error.Message);
    }
}
