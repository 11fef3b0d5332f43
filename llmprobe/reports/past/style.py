"""How the report over a time looks, beyond what every page has."""

from __future__ import annotations

CSS = """
:root { --good:#30a46c; --warn:#f2a516; --bad:#e5484d; --mine:#8e4ec6; --net:#3b82f6; --band:#3b82f633; }
.rows { display: grid; gap: .3rem; }
.row { display: grid; grid-template-columns: minmax(6rem, 13rem) minmax(0, 1fr) 4.6rem; gap: .8rem;
  align-items: center; }
.row .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
svg.strip, svg.plot, svg.bars, svg.axis { display: block; width: 100%; overflow: visible; max-width: none; }
svg.strip { height: 1.9rem; } svg.plot { height: 6.4rem; }
svg.bars { height: 1.4rem; } svg.axis { height: 1.1rem; }
.rows.tight { gap: 0; } svg.strip.narrow { display: none; }
svg g:hover rect { opacity: .7; }
rect.healthy { fill: var(--good); } rect.degraded { fill: var(--warn); } rect.failed { fill: var(--bad); }
rect.skipped { fill: var(--dim); opacity: .5; }
.provider { fill: var(--bad); background: var(--bad); }
.client { fill: var(--mine); background: var(--mine); }
.network { fill: var(--net); background: var(--net); } .unknown { fill: var(--dim); background: var(--dim); }
.grid { stroke: var(--line); stroke-width: 1; shape-rendering: crispEdges; }
.band { fill: var(--band); } .edge { fill: none; stroke: var(--net); stroke-opacity: .45; }
.median { fill: none; stroke: var(--net); stroke-width: 1.6; }
.edge, .median { vector-effect: non-scaling-stroke; stroke-linejoin: round; stroke-linecap: round; }
.touch { fill: transparent; } .touch:hover { fill: var(--dim); fill-opacity: .18; }
svg text { font-size: .72rem; } .label { paint-order: stroke; stroke: var(--bg); stroke-width: 3px; }
.plots { display: grid; gap: .4rem 1.6rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 30rem), 1fr)); }
h3 { font-size: .95rem; margin: .5rem 0 .2rem; } h3 .dim { font-weight: 400; }
.nowrap { white-space: nowrap; } .long { display: block; min-width: 16rem; }
footer { border-top: 1px solid var(--line); margin-top: 2rem; padding-top: .5rem; }
@media (max-width: 40rem) {
  .row { grid-template-columns: minmax(0, 1fr) auto; gap: 0 .5rem; }
  .row > :nth-child(2) { grid-column: 1 / -1; grid-row: 2; }
  svg.strip.wide { display: none; } svg.strip.narrow { display: block; }
}
"""
