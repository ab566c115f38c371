// Runs in the page of a verify run, behind src/report-page/draw-plots.mjs: unpacks what stands inside of each
// pattern when it is opened, draws its plots, and filters the list.
const { document, window, drawPlot, location, atob, Blob, Response, DecompressionStream } = globalThis;

/** The parts of all patterns as HTML, which was made and escaped when the report was written. */
let unpacked;

async function unpack() {
  const bytes = Uint8Array.from(atob(document.getElementById("parts").textContent), (character) =>
    character.charCodeAt(0),
  );
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

function drawPlots(place) {
  for (const element of place.querySelectorAll(".plot")) drawPlot(element, JSON.parse(element.dataset.plot));
}

async function fill(pattern) {
  if (pattern.dataset.filled) return;
  pattern.dataset.filled = "true";
  const part = pattern.querySelector(".part");
  try {
    unpacked ??= unpack();
    part.innerHTML = (await unpacked)[Number(pattern.dataset.part)];
    drawPlots(part);
  } catch (error) {
    part.textContent = `This browser cannot unpack the report: ${error.message}`;
  }
}

const patterns = [...document.querySelectorAll(".pattern")];
for (const pattern of patterns) {
  pattern.addEventListener("toggle", () => {
    if (pattern.open) fill(pattern);
  });
}

function openNamed() {
  const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!named?.classList.contains("pattern")) return;
  named.open = true;
  named.scrollIntoView();
}

const filter = document.getElementById("filter");
const filtered = document.getElementById("filtered");
filter.addEventListener("input", () => {
  const wanted = filter.value.trim().toLowerCase();
  let shown = 0;
  for (const pattern of patterns) {
    const isShown = pattern.querySelector("summary").textContent.toLowerCase().includes(wanted);
    pattern.hidden = !isShown;
    shown += isShown ? 1 : 0;
  }
  filtered.textContent = wanted === "" ? "" : `${shown} of ${patterns.length}`;
});

for (const id of ["latency", "history"]) {
  const section = document.getElementById(id);
  if (section) drawPlots(section);
}
// What went wrong stands first, and is what the page was opened for.
if (patterns[0]?.dataset.status === "fail") patterns[0].open = true;
window.addEventListener("hashchange", openNamed);
openNamed();
