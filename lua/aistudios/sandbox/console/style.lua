-- SPDX-License-Identifier: MIT
--
-- console.style: how the console looks, light and dark, from 320 px up.

return [[
:root { color-scheme: light dark; --back: #f6f7f9; --card: #ffffff; --line: #d9dde3;
  --text: #1c2430; --soft: #5a6472; --accent: #0b62c4; --bad: #b3261e; --good: #1b7a3d;
  --bad-back: #fdeceb; }
@media (prefers-color-scheme: dark) {
  :root { --back: #14181d; --card: #1d232b; --line: #343d48; --text: #e4e9ef;
    --soft: #9aa6b4; --accent: #6db3ff; --bad: #ff8a80; --good: #6fd08c; --bad-back: #3a2222; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text);
  font: 15px/1.45 system-ui, sans-serif; }
.skip { position: absolute; left: -99em; }
.skip:focus { left: 8px; top: 8px; background: var(--card); padding: 6px; z-index: 2; }
header, main { max-width: 1500px; margin: 0 auto; padding: 12px 16px; }
header { display: flex; flex-wrap: wrap; gap: 8px 20px; align-items: center; }
h1 { font-size: 18px; margin: 0; }
h2 { font-size: 15px; margin: 0 0 8px; display: flex; gap: 8px; align-items: baseline; }
h2 .count { color: var(--soft); font-weight: normal; }
main { display: grid; grid-template-columns: 1fr; gap: 14px; padding-top: 0; }
@media (min-width: 980px) {
  main { grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); align-items: start; }
}
.column { display: grid; gap: 14px; min-width: 0; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  padding: 12px; min-width: 0; }
.scroll { max-height: 420px; overflow: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th { text-align: left; color: var(--soft); font-weight: 600; position: sticky; top: 0;
  background: var(--card); }
th, td { padding: 3px 8px 3px 0; border-bottom: 1px solid var(--line);
  vertical-align: top; overflow-wrap: break-word; }
td.number { text-align: right; }
button, select, input { font: inherit; color: inherit; background: var(--card);
  border: 1px solid var(--line); border-radius: 6px; padding: 3px 9px; max-width: 100%; }
button { cursor: pointer; font-weight: normal; }
a { color: var(--accent); }
[hidden] { display: none !important; }
button.link { border: 0; padding: 0; color: var(--accent); text-align: left; background: none;
  overflow-wrap: anywhere; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
button:hover { border-color: var(--accent); }
.row { display: flex; flex-wrap: wrap; gap: 6px; align-items: center; }
.row + .row { margin-top: 8px; }
label { display: inline-flex; gap: 5px; align-items: center; color: var(--soft); }
input[type=number] { width: 6.5em; }
.soft { color: var(--soft); }
.bad { color: var(--bad); }
.good { color: var(--good); }
tr.duplicate td { background: var(--bad-back); color: var(--bad); font-weight: 600; }
.credentials { display: grid; grid-template-columns: auto minmax(0, 1fr) auto; gap: 4px 10px;
  align-items: center; }
code, pre { font: 13px/1.4 ui-monospace, monospace; }
code { overflow-wrap: anywhere; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; max-height: 300px; overflow: auto;
  margin: 4px 0 10px; background: var(--back); padding: 8px; border-radius: 6px; }
progress { width: 90px; accent-color: var(--accent); }
details { border-bottom: 1px solid var(--line); padding: 4px 0; }
summary { cursor: pointer; overflow-wrap: anywhere; }
iframe { width: 100%; height: 60vh; border: 1px solid var(--line); border-radius: 6px;
  background: #ffffff; }
dialog { width: min(900px, 96vw); border: 1px solid var(--line); border-radius: 8px;
  background: var(--card); color: var(--text); padding: 14px; }
dialog::backdrop { background: rgba(0, 0, 0, .45); }
#notice { position: fixed; bottom: 12px; left: 12px; right: 12px; margin: auto;
  width: fit-content; max-width: 90vw; background: var(--text); color: var(--back);
  padding: 8px 14px; border-radius: 8px; }
#notice:empty { display: none; }
@media (max-width: 560px) {
  header, main { padding-left: 8px; padding-right: 8px; }
  .wide { display: none; }
}
]]
