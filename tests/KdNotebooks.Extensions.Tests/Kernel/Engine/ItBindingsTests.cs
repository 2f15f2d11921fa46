using KdNotebooks.Kernel.Engine;

namespace KdNotebooks.Extensions.Tests.Kernel.Engine;

[Collection(EngineCollection.Name)]
public sealed class ItBindingsTests(EngineFixture fixture)
{
    private static readonly List<WeakReference> Made = [];

    /// <summary>A value that a cell shows, and of which the test keeps no hold.</summary>
    public static object Make()
    {
        var value = new object();
        lock (Made)
        {
            Made.Add(new WeakReference(value));
        }

        return value;
    }

    private CellResult Evaluate(string code) =>
        fixture.Engine.Evaluate(code, cancellation: TestContext.Current.CancellationToken);

    [Fact]
    public void A_shown_value_lives_until_the_next_is_shown_and_a_bound_one_on()
    {
        Evaluate($"#r \"{typeof(ItBindingsTests).Assembly.Location}\"");
        var make = $"{typeof(ItBindingsTests).FullName}.Make()";
        Evaluate(make);
        Evaluate($"let keptForGood = {make}");
        var last = Evaluate("it.GetType().Name");
        Assert.Null(last.Error);
        Evaluate("1");
        Evaluate("2");
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Equal([false, true], Made.Select(made => made.IsAlive));
    }
}
