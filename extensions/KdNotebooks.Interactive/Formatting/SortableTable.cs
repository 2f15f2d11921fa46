using System.Globalization;

namespace KdNotebooks.Interactive.Formatting;

/// <summary>Heads of a table that sort it by their column: buttons, so that the keyboard reaches them.</summary>
public static class SortableTable
{
    /// <summary>
    /// One for all tables of a page, however often it is there. Numbers go by "data-sort", words by their text; what is
    /// no number stands last either way. Where no script runs, the table stays as it was written.
    /// </summary>
    public const string Script = """
        (function(){if(window.kdSort)return;window.kdSort=true;
        function key(row,at){var cell=row.cells[at],given=cell.getAttribute("data-sort");
        return given===null?cell.textContent.trim():given}
        function order(a,b,up){if(a===""||b==="")return a===b?0:a===""?1:-1;
        var x=Number(a),y=Number(b),by=isNaN(x)||isNaN(y)?a.localeCompare(b):x-y;return up?by:-by}
        document.addEventListener("click",function(event){
        var button=event.target.closest&&event.target.closest("button.kd-sort");if(!button)return;
        var head=button.closest("th"),table=button.closest("table"),at=head.cellIndex,body=table.tBodies[0];
        var up=head.getAttribute("aria-sort")!=="ascending";
        [].forEach.call(table.tHead.rows[0].cells,function(cell){cell.removeAttribute("aria-sort")});
        head.setAttribute("aria-sort",up?"ascending":"descending");
        [].slice.call(body.rows).sort(function(a,b){return order(key(a,at),key(b,at),up)})
        .forEach(function(row){body.appendChild(row)})})})();
        """;

    /// <summary>The script as an output carries it.</summary>
    internal const string Element = "<script>" + Script + "</script>";

    /// <summary>A head that sorts.</summary>
    internal static string Head(string name, bool isNumber) =>
        HtmlText.Of($"<th scope=\"col\" class=\"{Class(isNumber)}\">")
        + HtmlText.Of($"<button type=\"button\" class=\"kd-sort\">{name}</button></th>");

    /// <summary>A cell of a number; what is no number has nothing to be sorted by.</summary>
    internal static string Cell(double? value, string text) =>
        HtmlText.Of($"<td class=\"kd-number\" data-sort=\"{Key(value)}\">{text}</td>");

    /// <summary>A cell of words.</summary>
    internal static string Cell(string text) => HtmlText.Of($"<td class=\"kd-name\">{text}</td>");

    private static string Class(bool isNumber) => isNumber ? "kd-number" : "kd-name";

    private static string Key(double? value) => value is { } number && double.IsFinite(number)
        ? number.ToString("R", CultureInfo.InvariantCulture)
        : "";
}
