namespace KdNotebooks.Data;
public sealed class Batch { public int[] Indices { get; init; } = []; public int View { get; init; } public int Count => Indices.Length; }
