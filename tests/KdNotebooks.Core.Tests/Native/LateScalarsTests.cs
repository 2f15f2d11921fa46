using System.Reflection;
using System.Runtime.InteropServices;
using KdNotebooks.Native;

namespace KdNotebooks.Tests.Native;

public sealed class LateScalarsTests
{
    private static readonly PropertyInfo Handle =
        typeof(Scalar).GetProperty("Handle", BindingFlags.Instance | BindingFlags.NonPublic)!;

    [Fact]
    public void A_number_can_be_read_after_TorchSharp_has_let_go_of_it()
    {
        Assert.True(NativeLibraries.Status.ScalarsAreSafe);
        var number = 3.5f.ToScalar();
        var address = Address(number);

        number.Dispose();

        // malloc gives freed memory away again, and writes into it at once.
        var later = Enumerable.Range(0, 100).Select(i => ((float)i).ToScalar()).ToList();
        Assert.Equal(3.5, Double(address + Payload(later[7], 7.0)));
        later.ForEach(scalar => scalar.Dispose());
    }

    [Fact]
    public void A_name_that_a_library_lacks_is_not_bound_anew() =>
        Assert.False(LoadedLibrary.TryRebind(NativeLibrary.Load("libm.so.6"), "no_such_function", 1));

    private static nint Address(Scalar scalar) => (nint)Handle.GetValue(scalar)!;

    private static double Double(nint address) => BitConverter.Int64BitsToDouble(Marshal.ReadInt64(address));

    // Where in a c10::Scalar its number lies, behind the tag.
    private static int Payload(Scalar scalar, double value) =>
        Enumerable.Range(1, 3).Select(i => 8 * i).First(at => Double(Address(scalar) + at) == value);
}
