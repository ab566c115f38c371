/** What the page of a verify run looks like, besides what every page does. */
export const VERIFY_STYLE = `
:root { --e0: #0969da; --e1: #bc4c00; --e2: #8250df; --e3: #1a7f37; --e4: #bf3989; --e5: #7d6200; --warn: #9a4b00; }
@media (prefers-color-scheme: dark) {
  :root { --e0: #58a6ff; --e1: #f0883e; --e2: #bc8cff; --e3: #3fb950; --e4: #f778ba; --e5: #d4a72c; --warn: #f0a35e; }
}
a { color: var(--first); }
:focus-visible { outline: 3px solid var(--first); outline-offset: 2px; border-radius: 3px; }
section:focus { outline: none; }
.skip { position: absolute; left: -100rem; }
.skip:focus { position: fixed; left: .5rem; top: .5rem; z-index: 9; background: var(--paper); padding: .5rem .8rem; border: 1px solid var(--line); }
nav ul { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; list-style: none; padding: 0; margin: .8rem 0; }
nav a { display: inline-block; padding: .2rem 0; }
h3 { font-size: 1rem; margin: 1.4rem 0 .2rem; }
h4 { font-size: .95rem; margin: 1rem 0 .3rem; }
h5 { font-size: .85rem; margin: 0 0 .2rem; color: var(--faint); font-weight: 600; }
.small { font-size: .85rem; }
code, pre { font: .85em/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
pre { background: var(--box); border: 1px solid var(--line); border-radius: 6px; padding: .5rem .6rem; margin: .3rem 0; max-height: 22rem; overflow: auto; white-space: pre-wrap; }
pre.message { border-left: 4px solid var(--bad); }
input[type=search] { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--faint); border-radius: 6px; padding: .25rem .5rem; max-width: 100%; }
.badge { display: inline-block; border: 1px solid currentColor; border-radius: 1rem; padding: 0 .6rem; font-size: .8rem; font-weight: 600; white-space: nowrap; }
.pass { color: var(--good); } .fail { color: var(--bad); } .overBudget, .indeterminate { color: var(--warn); } .notRun { color: var(--faint); }
.badge.fail { background: var(--bad); color: var(--paper); border-color: var(--bad); }
details.pattern { border: 1px solid var(--line); border-radius: 8px; margin: .4rem 0; }
details.pattern > summary { display: grid; grid-template-columns: 7.5rem 1fr auto; gap: .2rem .8rem; align-items: center; padding: .5rem .8rem; cursor: pointer; list-style: none; }
details.pattern > summary::-webkit-details-marker { display: none; }
details.pattern > summary:hover, details.input > summary:hover { background: var(--box); }
details.pattern > summary .badge { justify-self: start; }
details.pattern > summary .cost { text-align: right; }
details.pattern > summary .name::before { content: "▸"; color: var(--faint); display: inline-block; width: 1em; }
details.pattern[open] > summary .name::before { content: "▾"; }
details.pattern[open] > summary { border-bottom: 1px solid var(--line); }
.part { padding: .5rem .8rem 1rem; }
.results { list-style: none; padding: 0; } .results li { padding: .3rem 0; border-top: 1px solid var(--line); }
.meter { display: inline-block; width: 5rem; height: .55rem; background: var(--line); border-radius: 1rem; overflow: hidden; vertical-align: baseline; margin-right: .3rem; }
.meter span { display: block; height: 100%; background: var(--good); } .meter.over span { background: var(--bad); }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr)); gap: .3rem 1rem; margin: .5rem 0; }
.facts dt { color: var(--faint); font-size: .85rem; } .facts dd { margin: 0; }
details.input { border-top: 1px solid var(--line); padding: .15rem 0; }
details.input > summary { cursor: pointer; padding: .3rem .2rem; }
.number { font-variant-numeric: tabular-nums; } span.number { color: var(--faint); }
.blocks { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: .6rem 1rem; margin: .4rem 0; }
.block { min-width: 0; } .block.wide { grid-column: 1 / -1; }
.diff { list-style: none; padding: 0; margin: .3rem 0; }
.diff li { border-left: 4px solid var(--line); background: var(--box); padding: .3rem .6rem; margin: .3rem 0; }
.diff .missing { border-color: var(--bad); } .diff .extra { border-color: var(--warn); }
.diff .missing b { color: var(--bad); } .diff .extra b { color: var(--warn); }
.scroll { overflow-x: auto; margin: .5rem 0; }
.scroll td { overflow-wrap: break-word; min-width: 8rem; } .scroll td.number { min-width: 3rem; }
caption { text-align: left; color: var(--faint); font-size: .85rem; font-weight: 600; padding: .2rem 0; }
.entities, .collections, .collections ul { list-style: none; padding: 0; margin: .4rem 0; }
.entities { display: flex; flex-wrap: wrap; gap: .4rem; }
.entities li { border: 1px solid var(--line); border-left: 5px solid var(--entity); border-radius: 5px; padding: .15rem .6rem; }
.turn { display: block; width: 100%; max-width: 30rem; margin: .6rem 0; }
.turn rect { fill: var(--box); stroke: var(--faint); } .turn line { stroke: var(--first); stroke-width: 2; }
.turn text { fill: var(--ink); font-size: 13px; } .turn .role { fill: var(--faint); font-size: 11px; } .turn .head { font-weight: 600; }
.collections { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 21rem), 1fr)); gap: .8rem; align-items: start; }
.collection { border: 1px solid var(--line); border-radius: 8px; padding: .5rem .7rem; min-width: 0; background: var(--box); }
.collection h4 { margin: 0 0 .4rem; overflow-wrap: anywhere; }
.item { background: var(--paper); border: 1px solid var(--line); border-left: 5px solid var(--entity); border-radius: 5px; padding: .2rem .5rem; margin: .3rem 0; }
.item .number { display: inline-block; min-width: 1.5em; text-align: center; border: 1px solid var(--line); border-radius: 1rem; font-size: .75rem; }
.c0 { --entity: var(--e0); } .c1 { --entity: var(--e1); } .c2 { --entity: var(--e2); } .c3 { --entity: var(--e3); } .c4 { --entity: var(--e4); } .c5 { --entity: var(--e5); }
.item b, .entities b { color: var(--entity); }
table.runs { width: auto; } .scroll .runs td { text-align: center; min-width: 2rem; padding: .1rem .3rem; } .runs th[scope=row] { white-space: nowrap; color: var(--ink); }
.runs thead th { vertical-align: bottom; } .runs thead span { writing-mode: vertical-rl; font-size: .75rem; white-space: nowrap; }
.plots .u-legend { text-align: left; }
@media (max-width: 40rem) {
  body { padding: .7rem; }
  details.pattern > summary { grid-template-columns: auto 1fr; }
  details.pattern > summary .cost { grid-column: 1 / -1; text-align: left; }
}
@media print { .skip, nav, #filter { display: none; } }
`;
