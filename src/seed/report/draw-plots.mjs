// Runs in the report's page, beside uPlot: draws the samples of a load, and draws them anew where the page
// changes its width or its colours.
const { document, getComputedStyle, matchMedia, uPlot, ResizeObserver } = globalThis;

const samples = JSON.parse(document.getElementById("samples").textContent);
const MOST_TICK = 6;

/** A sample's number a second. */
const perSecond = (name) => (sample) => (sample.seconds > 0 ? sample[name] / sample.seconds : null);
const throttled = ({ throttles }) => Object.values(throttles).reduce((sum, count) => sum + count, 0);

/** What each plot shows: lines with their colours and figures. */
const PLOTS = {
  throughput: [{ label: "items/s", color: "--first", fill: true, of: perSecond("written") }],
  units: [
    { label: "write units/s", color: "--first", fill: true, of: perSecond("writeUnits") },
    { label: "limit", color: "--second", dash: [6, 4], of: ({ limit }) => limit ?? null },
  ],
  latency: [
    { label: "p50 ms", color: "--first", of: ({ latency }) => latency?.p50 ?? null },
    { label: "p99 ms", color: "--second", of: ({ latency }) => latency?.p99 ?? null },
  ],
  inFlight: [
    { label: "mean", color: "--first", fill: true, of: ({ inFlight }) => inFlight.mean },
    { label: "most", color: "--second", of: ({ inFlight }) => inFlight.most },
  ],
  throttles: [
    { label: "requests", color: "--bad", fill: true, of: throttled },
    { label: "items sent again", color: "--third", of: ({ retriedItems }) => retriedItems },
  ],
};

function short(number) {
  if (number === null || number === undefined) return "–";
  if (Math.abs(number) >= 1e6) return `${+(number / 1e6).toPrecision(3)}M`;
  if (Math.abs(number) >= 1e3) return `${+(number / 1e3).toPrecision(3)}k`;
  return String(+number.toPrecision(3));
}

function draw(place, lines) {
  const style = getComputedStyle(document.documentElement);
  const color = (name) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: color("--faint"),
    grid: { stroke: color("--line"), width: 1 },
    ticks: { stroke: color("--line"), width: 1, size: MOST_TICK },
    values: (_plot, values) => values.map(short),
  };
  const series = lines.map(({ label, color: name, fill, dash }) => ({
    label,
    stroke: color(name),
    width: 1.5,
    dash,
    fill: fill ? `${color(name)}22` : undefined,
    value: (_plot, value) => short(value),
  }));
  const options = {
    width: place.clientWidth,
    height: 200,
    scales: { x: { time: false }, y: { range: (_plot, _low, high) => [0, high > 0 ? high * 1.05 : 1] } },
    axes: [{ ...axis }, { ...axis, size: 48 }],
    series: [{ label: "s", value: (_plot, value) => short(value) }, ...series],
    cursor: { sync: { key: "load" } },
  };
  const data = [samples.map(({ at }) => at), ...lines.map(({ of }) => samples.map(of))];
  return new uPlot(options, data, place);
}

const drawn = new Map();

function drawAll() {
  for (const [name, lines] of Object.entries(PLOTS)) {
    const place = document.getElementById(name);
    drawn.get(place)?.destroy();
    drawn.set(place, draw(place, lines));
  }
}

drawAll();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
const observer = new ResizeObserver((entries) => {
  for (const { target } of entries) drawn.get(target).setSize({ width: target.clientWidth, height: 200 });
});
for (const place of drawn.keys()) observer.observe(place);
