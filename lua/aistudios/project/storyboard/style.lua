-- SPDX-License-Identifier: MIT
--
-- style: how the page looks, light and dark. Fonts are those of the reader. On paper the
-- words of a scene that has many run beside its drawing and then below it; its heading and
-- its drawing stay on one page.

return (([[
:root {
  color-scheme: light dark;
  --paper: #faf9f6; --card: #ffffff; --ink: #1d2126; --soft: #626a73;
  --rule: #e2dfd8; --track: #f0eee8; --speech: #4a6d8c; --motion: #b98a3e;
  --sound: #6d8c5a; --error: #b3322b; --error-paper: #fbeeec;
  --warning: #8a6100; --warning-paper: #fbf3df; --frame: #eceae4; --lit: #ffe9a8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15171a; --card: #1c1f23; --ink: #e7e5e0; --soft: #9aa1a9;
    --rule: #2d3136; --track: #262a2f; --speech: #7ea3c4; --motion: #d0a45c;
    --sound: #93b37e; --error: #f0847c; --error-paper: #35201f;
    --warning: #e0b860; --warning-paper: #322a19; --frame: #101214; --lit: #5a4a1c;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, "Segoe UI", "Noto Sans", sans-serif;
}
body > * { max-width: 1240px; margin: 0 auto; padding: 0 32px; }
bdi, p, td, h1 { overflow-wrap: anywhere; }
h1, h2 { font-family: Georgia, "Noto Serif", "DejaVu Serif", serif; font-weight: 600; }
.top { padding-top: 52px; }
.top h1 { margin: 4px 0 20px; font-size: 38px; line-height: 1.15; letter-spacing: -0.01em; }
.small {
  margin: 0; color: var(--soft); font-size: 12px; font-weight: 600;
  letter-spacing: 0.08em; text-transform: uppercase;
}
.facts { display: flex; flex-wrap: wrap; gap: 12px 40px; margin: 0 0 28px; }
.facts dt { color: var(--soft); font-size: 13px; }
.facts dd { margin: 0; font-size: 17px; font-variant-numeric: tabular-nums; }
.sheet {
  display: grid; grid-template-columns: repeat(auto-fill, minmax(148px, 1fr));
  gap: 14px 12px; margin: 8px 0;
}
.sheet.portrait { grid-template-columns: repeat(auto-fill, minmax(92px, 1fr)); }
.sheet a {
  color: var(--soft); font-size: 13px; line-height: 1.35; text-decoration: none;
  font-variant-numeric: tabular-nums; content-visibility: auto;
  contain-intrinsic-size: auto 110px;
}
.sheet svg {
  display: block; width: 100%; height: auto; margin-bottom: 4px; border-radius: 4px;
  border: 1px solid var(--rule);
}
.sheet a:hover svg { border-color: var(--soft); }
.sheet a.now svg { border-color: var(--speech); box-shadow: 0 0 0 2px var(--speech); }
.sheet b { margin-right: 4px; color: var(--ink); }
.sheet span { white-space: nowrap; }
.sheet em { display: block; font-style: normal; color: var(--error); }
.sheet a.warning em { color: var(--warning); }
.scene {
  margin-top: 22px; padding-top: 22px; content-visibility: auto;
  contain-intrinsic-size: auto 620px;
}
.whole .scene, .whole .sheet a { content-visibility: visible; }
.scene, figure { scroll-margin-top: 72px; }
.scene > header {
  display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 20px;
  padding-top: 18px; border-top: 1px solid var(--rule);
}
.scene h2 { margin: 0; font-size: 24px; }
.scene header p { margin: 0; color: var(--soft); font-size: 14px; }
.board {
  display: grid; grid-template-columns: minmax(0, 1fr) 340px; gap: 32px;
  margin-top: 18px;
}
.scenes:has(> .portrait) {
  display: grid; grid-template-columns: repeat(auto-fill, minmax(min(330px, 100%), 1fr));
  gap: 0 32px; align-items: start;
}
.portrait .board { grid-template-columns: minmax(0, 1fr); gap: 20px; }
.portrait figure { max-width: 330px; margin: 0 auto; }
figure { width: 100%; margin: 0; container-type: inline-size; }
figure > svg {
  display: block; width: 100%; height: auto; border-radius: 6px;
  background: var(--frame); border: 1px solid var(--rule);
}
.canvas { fill: none; stroke: var(--soft); stroke-opacity: 0.5; stroke-width: 2; }
.edge { fill: none; stroke: var(--soft); stroke-width: 3; stroke-dasharray: 12 9; }
figure > svg, .sheet svg { font-family: 'Noto Sans CJK', 'Noto Sans', sans-serif; }
.label {
  fill: #ffffff; text-anchor: middle; font-family: sans-serif;
  font-size: min(64px, tan(atan2(12px, 100cqw)) * 2048px);
}
.portrait .label { font-size: min(57px, tan(atan2(11px, 100cqw)) * 1208px); }
.cut { display: none; }
@container (width < 683px) {
  .label.rest, .label tspan { display: none; }
  .label .cut { display: inline; }
}
@container (width >= 329px) {
  .portrait .label.rest, .portrait .label tspan { display: inline; }
  .portrait .label .cut { display: none; }
}
.pin {
  transform-box: fill-box; transform-origin: center;
  scale: clamp(1, tan(atan2(20px, 100cqw)) * 42.6, 2.4);
}
.portrait .pin { scale: clamp(1, tan(atan2(20px, 100cqw)) * 25.2, 2.4); }
.crowded .pin { scale: 1; }
.pin rect { fill: #b3322b; stroke: #ffffff; stroke-width: 4; }
.pin.warning rect { fill: #96690a; }
.pin text { fill: #ffffff; font: 600 26px system-ui, sans-serif; text-anchor: middle; }
.words h3, .problems h3 { margin: 0 0 8px; }
.words blockquote {
  margin: 0 0 18px; font-family: Georgia, "Noto Serif", "DejaVu Serif", serif;
  font-size: 17px; line-height: 1.6; white-space: pre-wrap;
}
.words details { margin: 4px 0 0; font-size: inherit; }
.words summary { font: 13px system-ui, sans-serif; }
.words footer { color: var(--soft); font-size: 13px; font-family: system-ui, sans-serif; }
.none { color: var(--soft); font-size: 14px; margin: 0 0 18px; }
.problems { margin-top: 26px; }
.problems ol { margin: 0; padding: 0; list-style: none; }
.problems li {
  display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0 10px;
  margin: 0 0 6px; padding: 9px 12px; border-radius: 5px; font-size: 14px;
  line-height: 1.45; background: var(--error-paper);
}
.problems li:target { outline: 2px solid currentColor; }
.problems .n { font-weight: 700; color: var(--error); font-variant-numeric: tabular-nums; }
.problems code {
  display: block; font-size: 12.5px; color: var(--error); overflow-wrap: anywhere;
}
.problems li.warning { background: var(--warning-paper); }
.problems li.warning .n, .problems li.warning code { color: var(--warning); }
.timeline { margin-top: 22px; font-size: 13px; }
.timeline > div {
  display: grid; grid-template-columns: 120px minmax(0, 1fr); gap: 14px;
  align-items: center; margin-bottom: 4px;
}
.timeline bdi { color: var(--soft); line-height: 1.35; text-align: right; }
.timeline > div > span {
  position: relative; min-height: 24px; border-radius: 4px; background: var(--track);
  overflow: hidden;
}
.timeline span > i {
  position: absolute; inset: 0 auto 0 0; width: 100%; min-width: 3px; border-radius: 4px;
  opacity: 0.38; background: var(--speech);
}
.timeline i.animation { background: var(--motion); }
.timeline i.sound { background: var(--sound); }
.timeline i.video { background: var(--soft); }
.timeline b {
  position: relative; display: block; padding: 2px 9px; font-weight: 500;
  unicode-bidi: isolate;
}
.timeline > .axis > span {
  display: flex; justify-content: space-between; min-height: 0; background: none;
  color: var(--soft); font-size: 12px;
}
.controls {
  display: flex; flex-wrap: wrap; align-items: center; gap: 8px 12px; margin-top: 10px;
  font-size: 13px;
}
.controls > span { position: relative; flex: 1 1 120px; height: 24px; }
.controls output { min-width: 92px; color: var(--soft); font-variant-numeric: tabular-nums; }
.controls button {
  min-width: 40px; height: 28px; padding: 0 10px; border: 1px solid var(--rule);
  border-radius: 5px; background: var(--card); color: var(--ink); font: inherit; cursor: pointer;
}
.controls label { display: flex; align-items: center; gap: 5px; }
.controls [hidden] { display: none; }
input[type=range] {
  position: absolute; inset: 0; width: 100%; margin: 0; background: none; appearance: none;
  cursor: pointer;
}
input[type=range]::-webkit-slider-runnable-track { height: 24px; }
input[type=range]::-webkit-slider-thumb {
  width: 12px; height: 20px; margin-top: 2px; border: 0; border-radius: 4px;
  background: var(--speech); appearance: none;
}
input[type=range]::-moz-range-thumb {
  width: 12px; height: 20px; border: 0; border-radius: 4px; background: var(--speech);
}
.controls > span::before, .controls span > i {
  position: absolute; inset: 9px 6px; border-radius: 3px; background: var(--track); content: "";
}
.controls span > i { display: flex; gap: 2px; background: none; }
.controls i > i { flex: 1 1 0; border-radius: 2px; background: var(--rule); }
.controls.page {
  position: sticky; top: 0; z-index: 1; width: 100%; margin-top: 20px; padding-top: 12px;
  padding-bottom: 12px; background: var(--paper); border-bottom: 1px solid var(--rule);
}
.page > span::before { display: none; }
.lit { background: var(--lit); border-radius: 3px; }
.now .timeline { position: relative; }
.now .timeline::after {
  position: absolute; top: 0; bottom: 0; left: calc(134px + (100% - 134px) * var(--at));
  border-left: 2px solid var(--ink); content: "";
}
details { margin-top: 18px; font-size: 13.5px; }
summary { color: var(--soft); cursor: pointer; }
.scroll { overflow-x: auto; }
table {
  width: 100%; margin-top: 8px; border-collapse: collapse;
  font-variant-numeric: tabular-nums;
}
th, td {
  padding: 5px 14px 5px 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--rule);
}
th { color: var(--soft); font-weight: 500; white-space: nowrap; }
td { unicode-bidi: isolate; }
td:last-child { unicode-bidi: plaintext; }
td:nth-child(1), td:nth-child(n+4):nth-child(-n+6) { text-align: right; white-space: nowrap; }
.end {
  margin-top: 52px; padding-top: 18px; padding-bottom: 44px; color: var(--soft);
  font-size: 13px;
}
@media (max-width: 900px) {
  body > * { padding: 0 18px; }
  .scene, figure { scroll-margin-top: 100px; }
  .board, .portrait .board { grid-template-columns: minmax(0, 1fr); gap: 18px; }
  .sheet { grid-template-columns: repeat(auto-fill, minmax(108px, 1fr)); }
  .timeline > div { grid-template-columns: 90px minmax(0, 1fr); }
  .now .timeline::after { left: calc(104px + (100% - 104px) * var(--at)); }
}
@media print {
  :root {
    --paper: #ffffff; --card: #ffffff; --ink: #000000; --soft: #444444; --rule: #cccccc;
    --track: #eeeeee; --frame: #ffffff; color-scheme: light;
  }
  body { font-size: 10pt; line-height: 1.4; }
  body > * { max-width: none; padding: 0; }
  .top { padding-top: 0; }
  .top h1 { margin-bottom: 8pt; font-size: 20pt; }
  .facts { margin-bottom: 10pt; }
  .sheet { grid-template-columns: repeat(6, 1fr); }
  .sheet.portrait { grid-template-columns: repeat(9, 1fr); }
  .sheet a, .scene { content-visibility: visible; break-inside: avoid; }
  .scene { margin: 0; padding: 0 0 12pt; }
  .scene:has(blockquote details, li:nth-child(9)) { break-inside: auto; }
  .scenes:has(> .portrait) { display: block; }
  .scene > header { padding-top: 8pt; break-after: avoid; }
  .scene h2 { font-size: 14pt; }
  .scene header p, .none, .problems li, .timeline { font-size: 9pt; }
  .board, .portrait .board {
    grid-template-columns: minmax(0, 11fr) minmax(0, 9fr); gap: 14pt; margin-top: 8pt;
  }
  .label { font-size: min(64px, tan(atan2(9px, 100cqw)) * 2048px); }
  .portrait .label { font-size: min(57px, tan(atan2(7px, 100cqw)) * 1208px); }
  .portrait .board { grid-template-columns: 40mm minmax(0, 1fr); }
  .portrait .seen { display: contents; }
  .portrait figure { grid-column: 1; grid-row: 1 / span 2; margin: 0; }
  figure, .seen, .timeline, .problems li, .end { break-inside: avoid; }
  .board:has(blockquote details, li:nth-child(9)) {
    display: flow-root;
    &::before {
      display: block; height: 84mm; margin-bottom: -84mm; break-inside: avoid; content: "";
    }
    > .seen { break-inside: auto; }
    > .seen, .portrait & figure { float: left; width: 54%; margin: 0 14pt 8pt 0; }
    .portrait & figure { width: 40mm; }
  }
  .words h3, .problems h3 { break-after: avoid; }
  .timeline { margin-top: 8pt; print-color-adjust: exact; }
  .timeline > div { grid-template-columns: 68pt minmax(0, 1fr); }
  .words blockquote { margin-bottom: 8pt; font-size: 10pt; line-height: 1.4; }
  .words blockquote, .problems { orphans: 3; widows: 3; }
  .words [open] summary, .clips, .controls { display: none; }
  @supports selector(details::details-content) {
    .words summary { display: none; }
    .words details::details-content { display: inline; content-visibility: visible; }
  }
  .problems { margin-top: 10pt; }
  .problems ol li { padding: 4pt 6pt; border: 1px solid var(--rule); }
  .end { margin-top: 10pt; padding: 8pt 0 0; }
}
@page { margin: 14mm; }
]]):gsub("\n +", "\n"))
