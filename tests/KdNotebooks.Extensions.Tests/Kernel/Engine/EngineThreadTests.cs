using KdNotebooks.Kernel.Engine;

namespace KdNotebooks.Extensions.Tests.Kernel.Engine;

public sealed class EngineThreadTests
{
    // Native code cannot be broken off; here is managed code that behaves so.
    [Fact]
    public void Work_that_could_not_be_stopped_holds_the_thread_only_until_it_ends()
    {
        using var engine = new EngineThread();
        using var release = new ManualResetEventSlim();
        var ran = engine.Run(() => HoldOut(release), new CancellationToken(true));
        Assert.False(ran);
        Assert.True(engine.IsStuck);
        release.Set();
        Assert.True(SpinWait.SpinUntil(() => !engine.IsStuck, TimeSpan.FromSeconds(10)));
        Assert.True(engine.Run(() => { }, CancellationToken.None));
    }

    private static void HoldOut(ManualResetEventSlim release)
    {
        try
        {
        }
        finally
        {
            // Within a finally block neither an abort nor, caught, an interrupt ends a thread.
            while (!release.IsSet)
            {
                try
                {
                    release.Wait();
                }
                catch (ThreadInterruptedException)
                {
                    Thread.Yield();
                }
            }
        }
    }
}
