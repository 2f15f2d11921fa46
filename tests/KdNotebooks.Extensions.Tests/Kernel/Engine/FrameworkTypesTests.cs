namespace KdNotebooks.Extensions.Tests.Kernel.Engine;

/// <summary>A cell can say what a script can: a public type of each namespace of the framework that is used much.</summary>
[Collection(EngineCollection.Name)]
public sealed class FrameworkTypesTests(EngineFixture fixture)
{
    private static readonly string[] Types =
    [
        "System.Collections.Generic.Dictionary<string,int>",
        "System.Collections.Generic.HashSet<int>",
        "System.Collections.Generic.Queue<int>",
        "System.Collections.Generic.List<int>",
        "System.Collections.Concurrent.ConcurrentDictionary<int,int>",
        "System.Collections.Immutable.ImmutableArray<int>",
        "System.Collections.ObjectModel.ObservableCollection<int>",
        "System.Collections.Specialized.NameValueCollection",
        "System.Collections.Frozen.FrozenSet<int>",
        "System.ComponentModel.BackgroundWorker",
        "System.Diagnostics.Stopwatch",
        "System.Diagnostics.Process",
        "System.Globalization.CultureInfo",
        "System.IO.File",
        "System.IO.Compression.GZipStream",
        "System.IO.Pipes.NamedPipeServerStream",
        "System.Linq.Enumerable",
        "System.Linq.Expressions.Expression",
        "System.Net.Http.HttpClient",
        "System.Net.Sockets.TcpClient",
        "System.Net.IPAddress",
        "System.Net.WebUtility",
        "System.Numerics.Vector3",
        "System.Numerics.BigInteger",
        "System.Reflection.Assembly",
        "System.Reflection.Emit.OpCodes",
        "System.Resources.ResourceManager",
        "System.Runtime.CompilerServices.Unsafe",
        "System.Runtime.InteropServices.Marshal",
        "System.Runtime.Intrinsics.Vector128",
        "System.Runtime.Loader.AssemblyLoadContext",
        "System.Security.Cryptography.SHA256",
        "System.Security.Claims.Claim",
        "System.Text.StringBuilder",
        "System.Text.Json.JsonSerializer",
        "System.Text.Json.Nodes.JsonNode",
        "System.Text.RegularExpressions.Regex",
        "System.Text.Encodings.Web.HtmlEncoder",
        "System.Threading.SemaphoreSlim",
        "System.Threading.Tasks.Task",
        "System.Threading.Channels.Channel",
        "System.Timers.Timer",
        "System.Xml.XmlDocument",
        "System.Xml.Linq.XDocument",
        "System.Buffers.ArrayPool<int>",
        "System.Data.DataTable",
        "System.Drawing.Point",
        "System.Web.HttpUtility",
        "Microsoft.Win32.SafeHandles.SafeFileHandle",
    ];

    [Fact]
    public void A_cell_knows_the_frameworks_types()
    {
        // `nameof` takes static classes too.
        var code = string.Join('\n', Types.Select(type => $"nameof {Open(type)}").Prepend("[").Append("] |> List.length"));
        var result = fixture.Engine.Evaluate(code, cancellation: TestContext.Current.CancellationToken);
        Assert.Null(result.Error);
    }

    [Fact]
    public void A_cell_makes_the_frameworks_collections()
    {
        var result = fixture.Engine.Evaluate(
            """
            let counts = System.Collections.Generic.Dictionary<string, int>()
            counts["a"] <- 1
            let queue = System.Collections.Generic.Queue [ 1; 2 ]
            let set = System.Collections.Generic.HashSet [ 1; 1 ]
            if counts["a"] + queue.Dequeue() + set.Count <> 3 then failwith "another sum"
            """,
            cancellation: TestContext.Current.CancellationToken);
        Assert.Null(result.Error);
    }

    // "Dictionary<string,int>" is a type; "Dictionary<_,_>" is what nameof takes.
    private static string Open(string type)
    {
        var (name, arguments) = (type.Split('<')[0], type.Split('<').Skip(1).SelectMany(list => list.Split(',')));
        return arguments.Any() ? $"{name}<{string.Join(",", arguments.Select(_ => "_"))}>" : name;
    }
}
