-- SPDX-License-Identifier: MIT
--
-- console.script_controls: credentials, clock, faults, scenarios.

return [[
function showCredentials(state) {
  const shell = `export AISTUDIOS_BASE_URL=${state.url} AISTUDIOS_APP_ID=${state.app_id} `
    + `AISTUDIOS_USER_KEY=${state.user_key}`;
  const rows = { "Address": state.url, "AppId": state.app_id, "UserKey": state.user_key,
    "Shell": shell, "Seed": String(state.seed) };
  byId("credentials").replaceChildren(...Object.entries(rows).flatMap(([name, value]) => [
    el("span", { class: "soft" }, name), el("code", {}, value),
    el("button", { type: "button", "aria-label": "Copy " + name, onclick: () => copy(value) },
      "Copy")]));
}

// ---- clock ----

function showClock() {
  const clock = view.clock;
  if (!clock) return;
  const passed = clock.mode === "frozen" ? 0 : (performance.now() - clock.read) / 1000;
  const now = new Date((clock.now + passed) * 1000).toISOString();
  byId("clock").textContent = now.slice(0, 19).replace("T", " ") + " UTC";
  byId("clock").dateTime = now;
  byId("clock-mode").textContent = clock.mode;
}

function setClock(clock) {
  if (clock) view.clock = { ...clock, read: performance.now() };
  showClock();
}

byId("clock-buttons").addEventListener("click", async event => {
  const { mode, seconds } = event.target.dataset;
  if (mode) setClock(await act("POST", "/clock", { mode }));
  if (seconds) setClock(await act("POST", "/clock/advance", { seconds: Number(seconds) }));
});

// ---- faults ----

function showFaults(faults) {
  byId("faults").replaceChildren(...faults.map(fault => {
    const { on, kind, times, seen, left, ...rest } = fault;
    const more = Object.entries(rest).map(([name, value]) => `${name} ${value}`).join(", ");
    return el("div", { class: "row" }, el("strong", {}, kind), ` on ${on}`,
      more && el("span", { class: "soft" }, more),
      el("span", { class: "soft" }, left === undefined ? "always" : `${left} to come`));
  }));
  count("faults", faults.length || "");
}

function fill(select, names, chosen) {
  select.replaceChildren(...names.map(name =>
    el("option", { value: name, selected: name === chosen }, name)));
}

const COMMON = ["on", "kind", "nth", "times", "probability"];

function showAbout() {
  const kind = view.kinds[byId("fault-kind").value];
  byId("fault-about").textContent = kind?.about || "";
  const names = (kind?.options || []).filter(name => !COMMON.includes(name));
  byId("fault-options").replaceChildren(...names.map(name => el("label", {}, name,
    el("input", { name, size: 7, placeholder: "default", title: view.options[name] }))));
  const scenario = view.scenarios.find(s => s.name === byId("scenario").value);
  byId("scenario-about").textContent = scenario?.about || "";
}

async function loadChoices() {
  const known = await ask("GET", "/faults/kinds");
  view.kinds = known.kinds;
  view.options = known.options;
  view.scenarios = await ask("GET", "/scenarios");
  fill(byId("fault-on"), known.endpoints, "create_project");
  fill(byId("fault-kind"), Object.keys(known.kinds).sort(), "status");
  fill(byId("scenario"), view.scenarios.map(scenario => scenario.name));
  showAbout();
}

byId("fault-kind").addEventListener("change", showAbout);
byId("scenario").addEventListener("change", showAbout);
// A number, true, false, JSON, or else a text.
function valueOf(text) {
  try { return JSON.parse(text); }
  catch { return text; }
}

byId("fault-form").addEventListener("submit", event => {
  event.preventDefault();
  const fault = { on: byId("fault-on").value, kind: byId("fault-kind").value,
    nth: Number(byId("fault-nth").value), times: Number(byId("fault-times").value) };
  for (const input of byId("fault-options").querySelectorAll("input")) {
    if (input.value !== "") fault[input.name] = valueOf(input.value);
  }
  act("POST", "/faults", fault);
});
byId("scenario-form").addEventListener("submit", event => {
  event.preventDefault();
  act("POST", "/scenarios", { name: byId("scenario").value });
});
byId("clear-faults").addEventListener("click", () => act("DELETE", "/faults"));
byId("clear").addEventListener("click", async () => {
  await act("DELETE", "/requests");
  refresh("requests");
});
byId("reset").addEventListener("click", () => act("POST", "/reset"));

// ---- the state of the world ----

async function loadState() {
  const state = await ask("GET", "/state");
  showCredentials(state);
  setClock(state.clock);
  showFaults(state.faults);
  count("requests", state.stats.requests);
  return state;
}

async function loadWorlds() {
  const worlds = await fetch("/worlds").then(answer => answer.json());
  byId("world-choice").hidden = worlds.length < 2;
  fill(byId("world"), worlds.map(world => world.app_id), view.world || worlds[0].app_id);
  if (!view.world) view.world = worlds[0].app_id;
  for (const id of ["har", "jsonl"]) byId(id).href = address(`/requests?format=${id}`);
}
]]
