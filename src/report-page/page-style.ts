/** What every page looks like: one column on a phone, plots side by side where there is room; light and dark. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fff; --ink: #1b1f24; --faint: #59636e; --line: #d5dae0; --box: #f4f6f8;
  --first: #0969da; --second: #bc4c00; --third: #8250df; --good: #1a7f37; --bad: #cf222e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #0d1117; --ink: #e6edf3; --faint: #9198a1; --line: #30363d; --box: #161b22;
    --first: #58a6ff; --second: #f0883e; --third: #bc8cff; --good: #3fb950; --bad: #ff7b72;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1rem; max-width: 76rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; overflow-wrap: anywhere;
}
h1 { font-size: 1.4rem; line-height: 1.25; margin: .5rem 0; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p { margin: .4rem 0; }
.faint { color: var(--faint); }
.outcome { border-left: 4px solid var(--good); background: var(--box); padding: .5rem .8rem; margin: 1rem 0; }
.outcome.bad { border-color: var(--bad); }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: .5rem; margin: 0; }
.figures div { background: var(--box); padding: .5rem .7rem; border-radius: 6px; }
.figures dt { color: var(--faint); font-size: .85rem; }
.figures dd { margin: 0; font-size: 1.15rem; font-variant-numeric: tabular-nums; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)); gap: 1.5rem 1rem; margin-top: 1rem; }
.plots figure { margin: 0; min-width: 0; }
.plots figcaption { font-weight: 600; margin-bottom: .2rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); }
th { color: var(--faint); font-weight: 500; overflow-wrap: normal; }
td.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
.u-legend { color: var(--ink); font-size: .8rem; text-align: left; }
.u-legend th, .u-legend td { border: 0; padding: 0 .2rem; }
`;
