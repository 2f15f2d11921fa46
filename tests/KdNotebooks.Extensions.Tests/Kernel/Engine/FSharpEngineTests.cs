using System.Diagnostics;
using KdNotebooks.Interactive;
using KdNotebooks.Kernel.Engine;
using KdNotebooks.Runtime;

namespace KdNotebooks.Extensions.Tests.Kernel.Engine;

[Collection(EngineCollection.Name)]
public sealed class FSharpEngineTests(EngineFixture fixture)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private CellResult Evaluate(string code, int? number = null) =>
        fixture.Engine.Evaluate(code, number, cancellation: Stop);

    private string ValueOf(string code)
    {
        var result = Evaluate(code);
        Assert.Null(result.Error);
        return result.Outputs.OfType<DisplayOutput>().Single(shown => shown.IsResult).Bundle.Data[MimeBundle.Text];
    }

    [Fact]
    public void Values_and_opens_of_one_cell_are_there_in_the_next()
    {
        Evaluate("open System.IO\nlet fromEarlier = 20");
        Assert.Equal("ab22", ValueOf("Path.GetFileName \"/x/ab\" + string (fromEarlier + 2)"));
    }

    [Theory]
    [InlineData("#quit")]
    [InlineData("let kept = 1\n  #q // for today")]
    public void Quit_ends_nothing_and_says_so(string code)
    {
        var result = Evaluate(code);
        Assert.StartsWith("#quit: a cell cannot end the process", result.Error?.Message);
        Assert.Equal(code.Count(letter => letter == '\n') + 1, result.Error?.Line);
        Assert.Equal("3", ValueOf("1 + 2"));
    }

    [Theory]
    [InlineData("async { failwith \"of an async\" } |> Async.Start", "of an async")]
    [InlineData("System.Threading.Thread(fun () -> invalidOp \"of a thread\").Start()", "of a thread")]
    [InlineData("System.Threading.ThreadPool.UnsafeQueueUserWorkItem((fun _ -> failwith \"of the pool\"), null) |> ignore", "of the pool")]
    public void What_a_background_thread_throws_is_shown_and_the_engine_lives(string code, string message)
    {
        StrayExceptions.Survive();
        var result = Evaluate($"{code}\nSystem.Threading.Thread.Sleep 500");
        Assert.Null(result.Error);
        Assert.Contains(message, string.Concat(result.Outputs.OfType<StreamOutput>().Select(output => output.Text)));
        Assert.Equal("3", ValueOf("1 + 2"));
    }

    [Theory]
    [InlineData("type R = { A: int; B: string list }\n{ A = 1; B = [ \"q\" ] }", "{ A = 1\n  B = [\"q\"] }")]
    [InlineData("Some [ 1; 2 ]", "Some [1; 2]")]
    [InlineData("3.0", "3.0")]
    [InlineData("(1, \"a\")", "(1, \"a\")")]
    [InlineData("\"two\\nlines\"", "two\nlines")]
    [InlineData("1;;\n2", "2")]
    public void The_last_value_is_printed_as_FSharp_prints_it(string code, string expected) =>
        Assert.Equal(expected, ValueOf(code));

    [Fact]
    public void A_cell_checks_what_a_loss_claims()
    {
        var code = """
            open KdNotebooks.Invariants
            open KdNotebooks.Properties
            let few = { CheckSettings.Default with Cases = 5 }
            let first (student: TorchSharp.torch.Tensor) (teacher: TorchSharp.torch.Tensor) =
                (student - teacher.detach ()).select(0L, 0L).square().sum ()
            check' few "kd", checkLoss "mine" (Loss.scoped first) [ Claim.BatchOrder ]
            """;
        var value = ValueOf(code);
        Assert.Contains("kd: 15 of 15 claims held; 5 cases each, seed 1", value);
        Assert.Contains("mine: 0 of 1 claims held; 100 cases each, seed 1", value);
        Assert.Contains("BROKEN", value);
    }

    [Fact]
    public void Unit_shows_nothing() => Assert.Empty(Evaluate("let quiet = 3\nignore quiet").Outputs);

    [Fact]
    public void Outputs_keep_the_order_in_which_they_came()
    {
        var result = Evaluate("printf \"one \"\neprintfn \"two\"\ndisplay 3\nprintfn \"four\"\n5");
        var seen = result.Outputs.Select(output => output switch
        {
            StreamOutput stream => $"{stream.Name}:{stream.Text.Trim()}",
            DisplayOutput shown => $"{(shown.IsResult ? "result" : "display")}:{shown.Bundle.Data[MimeBundle.Text]}",
            _ => "",
        });
        Assert.Equal(["stdout:one", "stderr:two", "display:3", "stdout:four", "result:5"], seen);
    }

    [Fact]
    public void Ten_thousand_lines_lose_none()
    {
        var result = Evaluate("for i in 1 .. 10000 do printfn \"line %d\" i");
        var text = Assert.IsType<StreamOutput>(Assert.Single(result.Outputs)).Text;
        Assert.Equal(Enumerable.Range(1, 10000).Select(i => $"line {i}"), text.TrimEnd().Split('\n'));
    }

    [Fact]
    public void Printing_from_many_threads_tears_no_line()
    {
        var result = Evaluate(
            "System.Threading.Tasks.Parallel.For(0, 500, fun i -> printfn \"thread %d.\" i) |> ignore");
        var lines = ((StreamOutput)result.Outputs.Single()).Text.TrimEnd().Split('\n');
        Assert.Equal(500, lines.Distinct().Count());
        Assert.All(lines, line => Assert.Matches(@"^thread \d+\.$", line));
    }

    [Fact]
    public void A_line_that_one_thread_begins_and_another_ends_keeps_its_order()
    {
        var result = Evaluate(
            "async { printf \"begun \"\n        do! Async.Sleep 400\n        printfn \"ended\" } |> Async.RunSynchronously");
        Assert.Equal("begun ended\n", Assert.IsType<StreamOutput>(Assert.Single(result.Outputs)).Text);
    }

    [Fact]
    public void An_update_replaces_the_display_even_from_a_later_cell()
    {
        var first = Evaluate("let shown = KdNotebooks.Interactive.Display.Show \"old\"");
        Evaluate("shown.Update(KdNotebooks.Interactive.MimeBundle.OfText \"new\")");
        Assert.Equal("new", Assert.IsType<DisplayOutput>(Assert.Single(first.Outputs)).Bundle.Data[MimeBundle.Text]);
    }

    [Fact]
    public void A_compile_error_names_its_line_and_column()
    {
        var error = Evaluate("let a = 1\nlet b: string =\n    a + 1", 41).Error!;
        Assert.Equal("FS0001", error.Name);
        Assert.Equal(3, error.Line);
        Assert.Equal(new ErrorSpot(41, 3, 9, 10, error.Spots[0].Text, "    a + 1"), error.Spots[0]);
    }

    [Fact]
    public void An_exception_names_the_lines_of_the_cells_that_led_to_it_and_no_others()
    {
        Evaluate("let divide (n: int) =\n    let zero = n - n\n    n / zero", 51);
        var error = Evaluate("printfn \"before\"\n\n[ 1 .. 3 ] |> List.map divide |> ignore", 52).Error!;
        Assert.Equal("System.DivideByZeroException", error.Name);
        Assert.Equal(3, error.Line);
        Assert.Equal([(51, 3), (52, 3)], error.Spots.Select(spot => (spot.Cell, spot.Line)));
        Assert.DoesNotContain(error.Traceback(), line => line.Contains("FSI_") || line.Contains("Reflection"));
    }

    [Fact]
    public void A_KdException_is_its_message_alone()
    {
        var error = Evaluate("let n = 1\nraise (KdNotebooks.Runtime.KdException \"Expected 2.\") |> ignore").Error!;
        Assert.Equal("Expected 2.", error.Message);
        Assert.Equal(2, error.Line);
        Assert.Equal(["KdException: Expected 2."], error.Traceback());
    }

    [Fact]
    public void An_exception_inside_a_task_is_shown_without_its_wrapper()
    {
        var error = Evaluate("task { return (failwith \"inner\": int) } |> _.Result").Error!;
        Assert.Equal("inner", error.Message);
        Assert.Equal(1, error.Line);
    }

    [Fact]
    public void A_warning_is_printed_and_does_not_fail_the_cell()
    {
        var result = Evaluate("let first = function x :: _ -> x\nfirst [ 7 ]");
        Assert.True(result.Succeeded);
        Assert.Contains("warning FS0025 in line 1", Assert.IsType<StreamOutput>(result.Outputs[0]).Text);
    }

    [Fact]
    public void A_sequence_is_computed_once_to_be_shown()
    {
        var outputs = Evaluate(
            "let bound = seq { printfn \"bound\"; yield 0 }\nseq { printfn \"shown\"; yield 1 }").Outputs;
        Assert.Equal("shown\n", Assert.IsType<StreamOutput>(outputs[0]).Text);
        Assert.Equal("seq [1]", Assert.IsType<DisplayOutput>(outputs[1]).Bundle.Data[MimeBundle.Text]);
    }

    [Fact]
    public void A_formatter_of_ones_own_is_used_even_if_it_gives_only_text() => Assert.Equal("mine 3", ValueOf(
        "type Mine = { N: int }\n"
        + "KdNotebooks.Interactive.Formatters.Register<Mine>(fun m ->\n"
        + "    KdNotebooks.Interactive.MimeBundle.OfText $\"mine {m.N}\")\n"
        + "{ N = 3 }"));

    [Fact]
    public void A_value_that_cannot_be_shown_says_so_and_does_not_fail_the_cell() =>
        Assert.Contains("late", ValueOf("seq { yield 1; failwith \"late\" }"));

    [Fact]
    public void Our_own_packages_are_already_referenced() =>
        Assert.True(Evaluate("#!fsharp\n#r \"nuget: KdNotebooks.FSharp, 0.1.0\"\nopen KdNotebooks.Runtime").Succeeded);

    [Fact]
    public void Another_package_that_is_not_there_fails_the_cell() =>
        Assert.Equal(1, Evaluate("#r \"/no/such/library.dll\"").Error?.Line);

    [Fact]
    public void Types_are_shared_with_the_host()
    {
        using var scope = RunContext.Use(RunContext.Default with { Output = "shared" });
        Assert.Equal("shared", ValueOf("KdNotebooks.Runtime.RunContext.Current.Output"));
        Assert.Equal("4.0f", ValueOf("TorchSharp.torch.ones(2L, 2L).sum().item<single>()"));
    }

    [Fact]
    public void Exit_fails_the_cell_instead_of_ending_the_host() =>
        Assert.Contains("cannot end the process", Evaluate("if true then exit 3").Error?.Message);

    [Theory]
    [InlineData("while true do ()")]
    [InlineData("System.Threading.Thread.Sleep 60000")]
    [InlineData("while not KdNotebooks.Runtime.RunContext.Current.Cancellation.IsCancellationRequested do ()")]
    public void A_running_cell_can_be_stopped_and_the_next_one_runs(string code)
    {
        using var stop = new CancellationTokenSource(200);
        var result = fixture.Engine.Evaluate("printfn \"begun\"\n" + code, cancellation: stop.Token);
        Assert.Null(result.Error);
        Assert.Single(result.Outputs.OfType<StreamOutput>());
        Assert.Equal("2", ValueOf("1 + 1"));
    }

    // What a collection waits for, the whole process waits for.
    [Fact]
    public async Task A_collection_does_not_wait_for_a_busy_cell_although_another_was_broken_off()
    {
        using var stop = new CancellationTokenSource(200);
        fixture.Engine.Evaluate("while true do ()", cancellation: stop.Token);
        Evaluate("let count () = (let mutable i = 0L in while i < 10_000_000_000L do i <- i + 1L)");

        var busy = Task.Run(() => Evaluate("count ()"), TestContext.Current.CancellationToken);
        await Task.Delay(300, TestContext.Current.CancellationToken);
        var clock = Stopwatch.StartNew();
        GC.Collect(0);
        clock.Stop();

        Assert.InRange(clock.Elapsed, TimeSpan.Zero, (await busy).Elapsed / 2);
    }

    [Fact]
    public void The_console_is_the_hosts_again_after_a_cell()
    {
        var before = (Console.Out, Console.Error, Display.Host, RunContext.Current);
        Evaluate("failwith \"x\" |> ignore");
        Assert.Equal(before, (Console.Out, Console.Error, Display.Host, RunContext.Current));
    }

    [Theory]
    [InlineData("System.Threading.Tasks.Task.Run(fun () -> display \"seen\").Wait()")]
    [InlineData("async {\n do! Async.SwitchToThreadPool()\n display \"seen\" } |> Async.RunSynchronously")]
    [InlineData("let t = System.Threading.Thread(fun () -> display \"seen\") in t.Start(); t.Join()")]
    [InlineData("System.Threading.Tasks.Parallel.For(0, 1, (fun (_: int) -> display \"seen\")) |> ignore")]
    public void What_a_cell_starts_shows_below_the_cell(string code) => Assert.Equal(
        "seen", Assert.Single(Evaluate(code).Outputs.OfType<DisplayOutput>()).Bundle.Data[MimeBundle.Text]);

    [Fact]
    public void A_method_keeps_its_color_from_cell_to_cell()
    {
        const string color = "(KdNotebooks.Interactive.Charts.MethodStyle.Of \"{0}\").Color";
        var first = ValueOf(string.Format(null, color, "m-1"));
        Assert.NotEqual(first, ValueOf(string.Format(null, color, "m-2")));
        Assert.Equal(first, ValueOf(string.Format(null, color, "m-1")));
    }

    [Fact]
    public async Task Two_cells_of_two_threads_do_not_see_each_other()
    {
        using var other = new FSharpEngine();
        Task<string> Cell(FSharpEngine engine, string output) => Task.Run(() =>
        {
            using var scope = RunContext.Use(RunContext.Default with { Output = output });
            var shown = Enumerable.Range(0, 5).SelectMany(
                _ => engine.Evaluate("display KdNotebooks.Runtime.RunContext.Current.Output").Outputs);
            return string.Join(' ', shown.OfType<DisplayOutput>().Select(seen => seen.Bundle.Data[MimeBundle.Text]));
        });

        var seen = await Task.WhenAll(Cell(fixture.Engine, "here"), Cell(other, "there"));
        Assert.Equal(["here here here here here", "there there there there there"], seen);
    }
}
