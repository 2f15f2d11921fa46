namespace KdNotebooks.Extensions.Tests.Kernel.Engine;

/// <summary>
/// A cell works with a type of each namespace of the framework that is used much: that its name is known does not yet
/// say that the assembly behind it can be loaded.
/// </summary>
[Collection(EngineCollection.Name)]
public sealed class NamespacesTests(EngineFixture fixture)
{
    /// <summary>A namespace, and a condition that holds of one of its types.</summary>
    public static TheoryData<string, string> Used { get; } = new()
    {
        { "System", "(Version \"1.2\").Minor = 2" },
        { "System.Buffers", "let a = ArrayPool<byte>.Shared.Rent 10 in a.Length >= 10" },
        { "System.Buffers.Text", "Base64.GetMaxEncodedToUtf8Length 3 = 4" },
        { "System.Collections", "(BitArray 7).Count = 7" },
        { "System.Collections.Concurrent", "(ConcurrentQueue [ 1; 2 ]).Count = 2" },
        { "System.Collections.Frozen", "(FrozenSet.ToFrozenSet [ 1; 1 ]).Count = 1" },
        { "System.Collections.Generic", "let d = Dictionary<string, int>() in d[\"a\"] <- 3; d[\"a\"] = 3" },
        { "System.Collections.Immutable", "ImmutableList.Create(1, 2).Count = 2" },
        { "System.Collections.ObjectModel", "(ReadOnlyCollection [| 4 |])[0] = 4" },
        { "System.Collections.Specialized", "let c = NameValueCollection() in c.Add(\"a\", \"b\"); c[\"a\"] = \"b\"" },
        { "System.ComponentModel", "TypeDescriptor.GetConverter(typeof<int>).ConvertFromString \"5\" :?> int = 5" },
        { "System.ComponentModel.DataAnnotations", "(RangeAttribute(1, 3)).IsValid 2" },
        { "System.Data", "let t = new DataTable() in t.Columns.Add \"a\" |> ignore; t.Columns.Count = 1" },
        { "System.Diagnostics", "(Stopwatch.StartNew()).IsRunning" },
        { "System.Diagnostics.Metrics", "(new Meter \"m\").Name = \"m\"" },
        { "System.Drawing", "(Point(3, 4)).Y = 4" },
        { "System.Formats.Tar", "(UstarTarEntry(TarEntryType.Directory, \"a\")).Name = \"a\"" },
        { "System.Globalization", "CultureInfo.InvariantCulture.NumberFormat.NumberDecimalSeparator = \".\"" },
        { "System.IO", "Path.GetExtension \"a.txt\" = \".txt\"" },
        { "System.IO.Compression", "let z = new System.IO.MemoryStream() in (new GZipStream(z, CompressionMode.Compress)).CanWrite" },
        { "System.IO.Pipelines", "(Pipe()).Writer.UnflushedBytes = 0L" },
        { "System.IO.Pipes", "let p = new AnonymousPipeServerStream() in p.CanWrite" },
        { "System.Linq", "Enumerable.Sum [ 1; 2 ] = 3" },
        { "System.Linq.Expressions", "(Expression.Constant 3).Value :?> int = 3" },
        { "System.Net", "(IPAddress.Parse \"127.0.0.1\").Equals IPAddress.Loopback" },
        { "System.Net.Http", "(new HttpClient()).Timeout.TotalSeconds > 0.0" },
        { "System.Net.Http.Headers", "(MediaTypeHeaderValue \"text/plain\").MediaType = \"text/plain\"" },
        { "System.Net.Http.Json", "(JsonContent.Create 3).Value :?> int = 3" },
        { "System.Net.Mail", "(MailAddress \"a@b.c\").Host = \"b.c\"" },
        { "System.Net.NetworkInformation", "not (isNull (NetworkInterface.GetAllNetworkInterfaces()))" },
        { "System.Net.Sockets", "(new TcpClient()).Connected |> not" },
        { "System.Net.WebSockets", "(new ClientWebSocket()).State = WebSocketState.None" },
        { "System.Numerics", "(BigInteger.Pow(2I, 100)).IsEven && Vector3.One.X = 1.0f" },
        { "System.Reflection", "(Assembly.GetExecutingAssembly()).FullName.Length > 0" },
        { "System.Reflection.Emit", "OpCodes.Nop.Size = 1" },
        { "System.Reflection.Metadata.Ecma335", "(MetadataTokens.EntityHandle 0x02000003).IsNil |> not" },
        { "System.Resources", "(ResourceManager typeof<string>).IgnoreCase |> not" },
        { "System.Runtime", "GCSettings.LatencyMode.ToString().Length > 0" },
        { "System.Runtime.CompilerServices", "Unsafe.SizeOf<int64>() = 8" },
        { "System.Runtime.InteropServices", "Marshal.SizeOf<int>() = 4" },
        { "System.Runtime.Intrinsics", "Vector128<int>.Count = 4" },
        { "System.Runtime.Intrinsics.X86", "Sse.IsSupported || not Sse.IsSupported" },
        { "System.Runtime.Loader", "AssemblyLoadContext.Default.Name = \"Default\"" },
        { "System.Runtime.Serialization", "(DataContractSerializer typeof<int>).MaxItemsInObjectGraph > 0" },
        { "System.Security", "(new SecureString()).Length = 0" },
        { "System.Security.Claims", "(Claim(\"a\", \"b\")).Value = \"b\"" },
        { "System.Security.Cryptography", "(SHA256.HashData [| 1uy |]).Length = 32" },
        { "System.Security.Cryptography.X509Certificates", "(X500DistinguishedName \"CN=a\").Name = \"CN=a\"" },
        { "System.Text", "(StringBuilder \"ab\").Length = 2" },
        { "System.Text.Encodings.Web", "HtmlEncoder.Default.Encode \"<\" = \"&lt;\"" },
        { "System.Text.Json", "JsonSerializer.Serialize [| 1; 2 |] = \"[1,2]\"" },
        { "System.Text.Json.Nodes", "JsonNode.Parse(\"[7]\").AsArray().Count = 1" },
        { "System.Text.Json.Serialization", "(JsonPropertyNameAttribute \"a\").Name = \"a\"" },
        { "System.Text.RegularExpressions", "(Regex \"a+\").IsMatch \"caat\"" },
        { "System.Threading", "(new SemaphoreSlim 2).CurrentCount = 2" },
        { "System.Threading.Channels", "Channel.CreateUnbounded<int>().Writer.TryWrite 1" },
        { "System.Threading.Tasks", "Task.FromResult(3).Result = 3" },
        { "System.Threading.Tasks.Dataflow", "(BufferBlock<int>()).Post 1" },
        { "System.Timers", "(new Timer 5.0).Interval = 5.0" },
        { "System.Transactions", "(new CommittableTransaction()).IsolationLevel = IsolationLevel.Serializable" },
        { "System.Web", "HttpUtility.UrlEncode \"a b\" = \"a+b\"" },
        { "System.Xml", "let x = XmlDocument() in x.LoadXml \"<a/>\"; x.DocumentElement.Name = \"a\"" },
        { "System.Xml.Linq", "(XElement.Parse \"<a>1</a>\").Value = \"1\"" },
        { "System.Xml.Serialization", "(XmlSerializer typeof<int>).Deserialize(new System.IO.StringReader \"<int>7</int>\") :?> int = 7" },
        { "System.Xml.XPath", "(XPathDocument(new System.IO.StringReader \"<a/>\")).CreateNavigator().CanEdit |> not" },
        { "Microsoft.Win32.SafeHandles", "(new SafeFileHandle()).IsInvalid" },
    };

    [Theory]
    [MemberData(nameof(Used))]
    public void A_cell_works_with_a_type_of_it(string name, string condition) => Holds([(name, condition)]);

    [Fact]
    public void One_cell_works_with_all_of_them() => Holds(Used.Select(row => row.Data));

    // In modules of their own: what they open is not open in the cells of other tests.
    private void Holds(IEnumerable<(string Name, string Condition)> used)
    {
        var places = used.ToList();
        var lines = places.Select((place, i) => $"""
            module Namespace{i} =
                open {place.Name}
                let holds () = {place.Condition}
            if not (Namespace{i}.holds ()) then failwith "{place.Name}"
            """);
        var result = fixture.Engine.Evaluate(
            string.Join('\n', lines), cancellation: TestContext.Current.CancellationToken);

        Assert.True(result.Error is null, $"{result.Error}");
    }
}
