using KdNotebooks.Cli;
using KdNotebooks.Runtime;

namespace KdNotebooks.Extensions.Tests.Cli;

/// <summary>Whatever goes wrong, a command ends with one line and its exit code.</summary>
public sealed class FailureTests : CommandLineTest
{
    [Theory]
    [InlineData("--out", "run", "n.ipynb", "--out", "")]
    [InlineData("--preset", "run", "n.ipynb", "--preset", "  ")]
    [InlineData("NOTEBOOK", "run", "")]
    [InlineData("--dir", "data", "verify", "coco", "--dir", "")]
    [InlineData("--out", "data", "make", "image-folder", "--out", "")]
    [InlineData("--prefix", "jupyter", "install", "--prefix", "")]
    [InlineData("FILE", "weights", "show", "")]
    [InlineData("--recipe", "taps", "--recipe", "")]
    public void An_empty_value_is_named_in_one_line(string name, params string[] arguments)
    {
        Assert.Equal(KdCommand.WrongUsage, Run(arguments));
        Assert.StartsWith($"{name} is empty; expected ", Error);
        Assert.Single(Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public void Each_kind_of_problem_has_its_line_and_its_code()
    {
        (Exception Problem, int Code, string Text)[] kinds =
        [
            (new KdException("Expected 3, got 4."), 2, "Expected 3, got 4."),
            (new KdException("Cannot be written.", Full()), 1, "The disk is full: No space left on device : '/x/y'. Free some space"),
            (Full(), 1, "The disk is full: "),
            (new IOException("Read-only file system : '/x'", 30), 1, "Read-only file system : '/x'. Check that path"),
            (new UnauthorizedAccessException("Access to the path '/root/x' is denied."), 1, "Access to the path '/root/x' is denied. Check"),
            (new IOException("Broken pipe", 32), 141, ""),
            (new OperationCanceledException(), 130, "Stopped."),
            (new InsufficientMemoryException(), 1, "More memory was asked for than there is."),
            (new InvalidOperationException("one\n  two"), 1, "InvalidOperationException: one. This is a fault of kd's own: --verbose shows where."),
        ];
        Assert.All(kinds, kind =>
        {
            using var error = new StringWriter();
            Assert.Equal(kind.Code, Failure.Say(kind.Problem, error, details: false));
            Assert.StartsWith(kind.Text, error.ToString());
            Assert.Equal(kind.Text == "" ? 0 : 1, error.ToString().Count(letter => letter == '\n'));
        });

        using var details = new StringWriter();
        Failure.Say(new InvalidOperationException("one"), details, details: true);
        Assert.Contains("System.InvalidOperationException: one", details.ToString());
    }

    [Fact]
    public void A_closed_error_stream_costs_no_exit_code()
    {
        var closed = new StreamWriter(new Closed()) { AutoFlush = true };
        Assert.Equal(2, Failure.Say(new KdException("x"), closed, details: true));
    }

    private static IOException Full() => new("No space left on device : '/x/y'", 28);

    private sealed class Closed : MemoryStream
    {
        public override void Write(byte[] buffer, int offset, int count) => throw new IOException("Broken pipe", 32);

        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("Broken pipe", 32);
    }
}
