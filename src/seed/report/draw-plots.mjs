// Runs in the report's page, behind src/report-page/draw-plots.mjs: says what each plot of a load shows.
const { document, drawPlot } = globalThis;

const samples = JSON.parse(document.getElementById("samples").textContent);

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

const x = { label: "s", values: samples.map(({ at }) => at) };
for (const [name, lines] of Object.entries(PLOTS)) {
  const drawn = lines.map(({ of, ...line }) => ({ ...line, values: samples.map(of) }));
  drawPlot(document.getElementById(name), { x, lines: drawn, sync: "load" });
}
