// Runs in a report's page, beside uPlot: draws plots, and draws them anew where the page changes its width or its
// colours. What is to be drawn comes from the page's own script, by `globalThis.drawPlot`.
const { document, getComputedStyle, matchMedia, uPlot, ResizeObserver } = globalThis;

const MOST_TICK = 6;
const HEIGHT = 200;

function short(number) {
  if (number === null || number === undefined) return "–";
  if (Math.abs(number) >= 1e6) return `${+(number / 1e6).toPrecision(3)}M`;
  if (Math.abs(number) >= 1e3) return `${+(number / 1e3).toPrecision(3)}k`;
  return String(+number.toPrecision(3));
}

const pathsOf = (bars) => (bars ? uPlot.paths.bars({ size: [0.7, 24] }) : undefined);

function draw(place, { x, lines, sync }) {
  const style = getComputedStyle(document.documentElement);
  const color = (name) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: color("--faint"),
    grid: { stroke: color("--line"), width: 1 },
    ticks: { stroke: color("--line"), width: 1, size: MOST_TICK },
  };
  const numbers = (_plot, values) => values.map(short);
  const series = lines.map(({ label, color: name, fill, dash, bars, points }) => ({
    label,
    stroke: color(name),
    width: 1.5,
    dash,
    paths: pathsOf(bars),
    points: points === undefined ? undefined : { show: points },
    fill: fill ? `${color(name)}${bars ? "99" : "22"}` : undefined,
    value: (_plot, value) => short(value),
  }));
  // Whole numbers only where the horizontal axis counts something.
  const across = x.whole
    ? { ...axis, values: (_plot, values) => values.map((value) => (Number.isInteger(value) ? value : "")) }
    : { ...axis, ...(x.time ? {} : { values: numbers }) };
  const options = {
    width: place.clientWidth,
    height: HEIGHT,
    scales: {
      x: { time: x.time === true, ...(x.range && { range: x.range }) },
      y: { range: (_plot, _low, high) => [0, high > 0 ? high * 1.05 : 1] },
    },
    axes: [across, { ...axis, values: numbers, size: 48 }],
    series: [
      x.time ? { label: x.label } : { label: x.label, value: (_plot, value) => short(value) },
      ...series,
    ],
    cursor: sync === undefined ? {} : { sync: { key: sync } },
  };
  return new uPlot(options, [x.values, ...lines.map(({ values }) => values)], place);
}

/** The plot in each place, and what it shows. */
const drawn = new Map();

const observer = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    // Within a part of the page that is closed there is no width to draw in.
    if (target.clientWidth > 0)
      drawn.get(target)?.plot.setSize({ width: target.clientWidth, height: HEIGHT });
  }
});

globalThis.drawPlot = (place, content) => {
  drawn.get(place)?.plot.destroy();
  drawn.set(place, { plot: draw(place, content), content });
  observer.observe(place);
};

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const [place, { content }] of [...drawn]) globalThis.drawPlot(place, content);
});
