(function () {
  "use strict";
  var night = window.matchMedia("(prefers-color-scheme: dark)");
  var plots = document.querySelectorAll(".plot, .kd-plot");

  function axis(own) {
    return Object.assign({}, own, { gridcolor: "#2c333c", linecolor: "#69737f", tickcolor: "#69737f" });
  }

  // Figures are made for a light page; on a dark one only what is not data changes.
  function themed(layout, dark) {
    var result = Object.assign({}, layout);
    if (!dark) return result;
    Object.keys(result).filter(function (key) { return /^[xy]axis\d*$/.test(key); })
      .forEach(function (key) { result[key] = axis(result[key]); });
    result.font = Object.assign({}, result.font, { color: "#d5dbe2" });
    result.modebar = { bgcolor: "rgba(0,0,0,0)", color: "#69737f", activecolor: "#d5dbe2" };
    result.paper_bgcolor = result.plot_bgcolor = "rgba(0,0,0,0)";
    result.hoverlabel = Object.assign({}, result.hoverlabel, { bgcolor: "#20262e", bordercolor: "#69737f" });
    return result;
  }

  function draw(dark) {
    plots.forEach(function (plot) {
      var figure = JSON.parse(document.getElementById(plot.id + "-json").textContent);
      var layout = figure.layout || {};
      if (layout.meta && layout.meta.maxWidth) plot.style.maxWidth = layout.meta.maxWidth + "px";
      if (layout.meta && layout.meta.title && plot.classList.contains("plot")) {
        delete layout.title;
        layout.margin = Object.assign({}, layout.margin, { t: 30 });
        layout.height -= 54;
      }
      window.Plotly.react(plot, figure.data, themed(layout, dark), figure.config || { responsive: true });
    });
  }

  if (plots.length && window.Plotly) {
    draw(night.matches);
    // What was drawn while it was folded away has no width yet.
    document.querySelectorAll("details.kd-fold").forEach(function (fold) {
      fold.addEventListener("toggle", function () {
        fold.querySelectorAll(".kd-plot").forEach(function (plot) { window.Plotly.Plots.resize(plot); });
      });
    });
    plots.forEach(function (plot) {
      var numbers = document.getElementById(plot.id + "-numbers");
      if (numbers) numbers.open = false;
    });
    night.addEventListener("change", function () { draw(night.matches); });
    window.addEventListener("beforeprint", function () { draw(false); });
    window.addEventListener("afterprint", function () { draw(night.matches); });
  } else {
    plots.forEach(function (plot) { plot.parentElement.querySelector("details").open = true; });
  }

  var button = document.getElementById("all-code");
  button.addEventListener("click", function () {
    var open = button.getAttribute("aria-pressed") !== "true";
    document.querySelectorAll("details.source").forEach(function (cell) { cell.open = open; });
    button.setAttribute("aria-pressed", String(open));
    button.textContent = open ? "Hide all code" : "Show all code";
  });
})();
