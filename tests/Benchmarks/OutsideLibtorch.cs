using System.Diagnostics.Tracing;
using System.Runtime.InteropServices;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing;
using Microsoft.Diagnostics.Tracing.EventPipe;

namespace KdNotebooks.Benchmarks;

/// <summary>
/// The share of a step that the training thread spends in managed code. The runtime's own sampling profiler tells for
/// every sample whether a thread was in managed code or in a native call; native calls of a step are libtorch's.
/// </summary>
internal static partial class OutsideLibtorch
{
    private const int Steps = 30, Rounds = 5;

    public static IEnumerable<Claim> Run()
    {
        var data = Setup.Data(Steps);
        using var live = Setup.LiveTeacher();
        using var cached = new FixedTeacher(live, data);
        using var member = Setup.StudentTrainer(live);
        Setup.SecondsPerStep(data, live, [member]);
        yield return Share("a live step", () => Setup.SecondsPerStep(data, live, [member]));
        yield return Share("a step on cached features", () => Setup.SecondsPerStep(data, cached, [member]));
    }

    private static Claim Share(string what, Action epoch)
    {
        var (managed, native) = (0, 0);
        var thread = GetThreadId();
        using var session = new DiagnosticsClient(Environment.ProcessId).StartEventPipeSession(
            [new EventPipeProvider("Microsoft-DotNETCore-SampleProfiler", EventLevel.Informational)], requestRundown: false);
        var reader = Task.Run(() =>
        {
            using var source = new EventPipeEventSource(session.EventStream);
            new SampleProfilerTraceEventParser(source).ThreadSample += sample =>
            {
                if (sample.ThreadID == thread)
                {
                    _ = sample.Type == ClrThreadSampleType.Managed ? managed++ : native++;
                }
            };
            source.Process();
        });
        for (var round = 0; round < Rounds; round++)
        {
            epoch();
        }

        session.Stop();
        reader.Wait();
        Console.WriteLine($"  {what}: {managed + native} samples, {managed} in managed code");
        return new Claim($"{what} outside libtorch", 100.0 * managed / (managed + native), 3, AtLeast: false, " %");
    }

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int GetThreadId();
}
