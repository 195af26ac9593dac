// Draws the history over the server's drawing, with values under the pointer, else the forecast's; without this file that
// drawing stands.
"use strict";
for (const figure of document.querySelectorAll("[data-chart]")) {
  const told = JSON.parse(figure.dataset.chart);
  const place = figure.querySelector(".drawn");
  const at = told.counts.length;
  const names = [...told.starts, told.next];
  const last = told.counts[at - 1];
  const past = [...told.counts, null];
  const next = (value) => [...told.counts.map((_, n) => (n === at - 1 ? last : null)), value];
  const data = [names.map((_, n) => n), past, next(told.expected), next(told.high), next(told.low)];
  const shown = (value) => (value == null ? "–" : value.toLocaleString("en", { maximumFractionDigits: value < 9.95 ? 1 : 0 }));
  const ahead = (words) => (_u, _value, _series, n) => (n === at ? words : "–");
  const words = place.querySelector("svg").getAttribute("aria-label");
  const plot = document.createElement("div");
  let chart = null;

  plot.className = "plot";
  place.before(plot);
  place.classList.add("paper"); // the server's drawing is what is printed

  const draw = () => {
    const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const axis = { stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
    const line = (label, stroke, more) => ({ label, stroke, width: 2, points: { show: false }, value: (_, v) => shown(v), ...more });
    const accent = colour("--accent");
    const options = {
      width: figure.clientWidth,
      height: 260,
      scales: { x: { time: false }, y: { range: (_, _low, high) => [0, Math.max(1, high * 1.05)] } },
      axes: [
        { ...axis, values: (_, splits) => splits.map((n) => (Number.isInteger(n) ? (n === at ? "forecast" : names[n]) : "")), space: 90 },
        { ...axis, size: 60, values: (_, splits) => splits.map(shown) },
      ],
      legend: { markers: { dash: (_, n) => (n === 2 ? "dashed" : "solid"), fill: (_, n) => (n === 3 ? colour("--fan") : null) } },
      hooks: { setCursor: [(u) => u.cursor.idx ?? u.setLegend({ idx: at }, false)], ready: [(u) => u.setLegend({ idx: at }, false)] },
      series: [
        { label: told.noun, value: (_, n) => (n == null ? "–" : names[n]) },
        line(told.events, colour("--ink")),
        line("expected", accent, { dash: [4, 4], points: { show: true, size: 7 }, value: ahead(shown(told.expected)) }),
        line("80% range", accent, { width: 1, value: ahead(`${shown(told.low)} to ${shown(told.high)}`) }),
        line("", accent, { width: 1 }), // its lower edge, of which the key has no line
      ],
      bands: [{ series: [3, 4], fill: colour("--fan") }],
    };
    chart?.destroy();
    chart = new uPlot(options, data, plot);
    chart.root.setAttribute("role", "img");
    chart.root.setAttribute("aria-label", words);
  };

  draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  new ResizeObserver(() => {
    if (chart.width !== figure.clientWidth) chart.setSize({ width: figure.clientWidth, height: 260 });
  }).observe(figure);
}
