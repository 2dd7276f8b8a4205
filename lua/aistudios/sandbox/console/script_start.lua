-- SPDX-License-Identifier: MIT
--
-- console.script_start: loads everything once and then what events touch.

return [[
const loads = { requests: loadRequests, projects: loadProjects, ledger: loadLedger,
  webhooks: loadWebhooks, state: loadState, worlds: loadWorlds };

// What an event makes stale, besides the state.
const touched = { request: [], project: ["projects"], ledger: ["ledger", "projects"],
  webhook: ["webhooks"], clock: ["projects"], settings: ["projects"], fault: [],
  scenario: ["projects"], world: ["worlds"],
  reset: ["requests", "projects", "ledger", "webhooks"] };

let refreshing = null;

// Several events in a row are one refresh.
function refresh(...names) {
  for (const name of names) view.dirty.add(name);
  refreshing ??= setTimeout(async () => {
    const names = [...view.dirty];
    view.dirty.clear();
    try { for (const name of names) await loads[name](); }
    catch (error) { notice(error.message); }
    refreshing = null;
    if (view.dirty.size) refresh();
  }, 100);
}

const tellConnection = text => { byId("connection").textContent = text; };

// Events come after the lists that they change are there.
function follow(after) {
  const source = new EventSource("/events?after=" + after);
  source.onopen = () => tellConnection("live");
  source.onerror = () => tellConnection("not connected");
  for (const [kind, names] of Object.entries(touched)) {
    source.addEventListener(kind, event => {
      const data = JSON.parse(event.data);
      if (kind !== "world" && data.world !== view.world) return;
      if (kind === "request") addRequest(data, true);
      refresh("state", ...names);
    });
  }
}

byId("world").addEventListener("change", () => {
  view.world = byId("world").value;
  refresh(...Object.keys(loads));
});

async function start() {
  await loadWorlds();
  const state = await loadState();
  await loadChoices();
  for (const name of ["requests", "projects", "ledger", "webhooks"]) await loads[name]();
  follow(state.last_event);
  setInterval(showClock, 500);
  setInterval(() => {
    if (view.isRendering && view.clock?.mode !== "frozen") refresh("projects");
  }, 1000);
}

start().catch(error => notice(error.message));
]]
