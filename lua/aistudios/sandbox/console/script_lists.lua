-- SPDX-License-Identifier: MIT
--
-- console.script_lists: requests, projects, ledger and webhooks.

return [[
// ---- requests ----

const MOST_ROWS = 300;

function requestRow(entry) {
  const isBad = entry.status === undefined || entry.status >= 400;
  return el("tr", { "data-id": entry.id },
    el("td", { class: "wide" }, time(entry.time)),
    el("td", {}, entry.method),
    el("td", {}, el("button", { class: "link", type: "button",
      onclick: () => showRequest(entry.id) }, entry.endpoint || entry.path)),
    el("td", { class: isBad ? "bad" : "good" }, String(entry.status ?? "none")),
    el("td", { class: "bad" }, entry.fault || ""));
}

function addRequest(entry, isLive) {
  const body = byId("requests");
  if (body.querySelector(`[data-id="${entry.id}"]`)) return;
  const row = requestRow(entry);
  if (isLive) row.dataset.live = "";
  body.prepend(row);
  while (body.children.length > MOST_ROWS) body.lastChild.remove();
}

const asText = value => typeof value === "string" ? value : JSON.stringify(value, null, 2);

function prettyBody(holder) {
  if (holder.body === undefined && holder.body_base64) return "(base64) " + holder.body_base64;
  try { return JSON.stringify(JSON.parse(holder.body), null, 2); }
  catch { return holder.body || ""; }
}

function storyboard(path) {
  return el("iframe", { sandbox: "allow-scripts", src: address(path), title: "Storyboard",
    loading: "lazy" });
}

async function showRequest(id) {
  const entry = await act("GET", "/requests/" + id);
  if (!entry) return;
  const query = new URLSearchParams(entry.query).toString();
  byId("detail-title").textContent = `${entry.method} ${entry.path}${query && "?" + query}`;
  const parts = [
    el("h3", {}, "Request"), el("pre", {}, asText(entry.headers)), el("pre", {},
      prettyBody(entry)),
    el("h3", {}, `Answer: ${entry.status ?? "none"}`),
    el("pre", {}, entry.answer ? prettyBody(entry.answer) : ""),
  ];
  if (entry.endpoint === "create_project" && entry.body) {
    parts.push(el("h3", {}, "Storyboard"), storyboard(`/requests/${id}/storyboard`));
  }
  byId("detail-body").replaceChildren(...parts);
  byId("detail").showModal();
}

async function loadRequests() {
  const list = await ask("GET", `/requests?brief=true&limit=${MOST_ROWS}`);
  byId("requests").replaceChildren();
  for (const entry of list) addRequest(entry);
}

// ---- projects ----

function projectItem(project) {
  const item = el("details", { "data-id": project.id },
    el("summary", {}, el("progress", { max: 100 }), " ",
      el("span", { class: "state" }), " ", el("strong", {}, project.name), " ",
      el("code", { class: "soft" }, project.id)));
  item.addEventListener("toggle", () => {
    if (item.open && !item.querySelector("iframe")) {
      item.append(storyboard(`/projects/${project.id}/storyboard`));
    }
  });
  return item;
}

// Items are kept, so that one that is open stays open.
function showProject(item, project) {
  const done = project.state === "created" ? project.build_progress ?? 0 : project.progress;
  item.querySelector("progress").value = done;
  item.querySelector(".state").textContent =
    project.state === "created" ? "not rendered" : `${project.state} ${project.progress} %`;
  const summary = item.querySelector("summary");
  if (project.download_url && !summary.querySelector("a")) {
    summary.append(" ", el("a", { href: project.download_url, target: "_blank" }, "video"));
  }
}

async function loadProjects() {
  const page = await ask("GET", "/projects?limit=50");
  const list = byId("projects"), known = new Map();
  for (const item of list.children) known.set(item.dataset.id, item);
  let at = list.firstChild;
  for (const project of page.projects) {
    const item = known.get(project.id) || projectItem(project);
    showProject(item, project);
    if (item === at) at = at.nextSibling;
    else list.insertBefore(item, at);
    known.delete(project.id);
  }
  for (const item of known.values()) item.remove();
  count("projects", page.count);
  view.isRendering = page.projects.some(p => p.state === "exporting");
}

// ---- ledger and webhooks ----

async function loadLedger() {
  const ledger = await ask("GET", "/ledger?limit=200");
  byId("ledger").replaceChildren(...ledger.entries.reverse().map(entry =>
    el("tr", entry.duplicate_of ? { class: "duplicate",
      title: "the same as project " + entry.duplicate_of } : {},
      el("td", { class: "wide" }, time(entry.time)),
      el("td", {}, entry.work + (entry.duplicate_of ? " (duplicate)" : "")),
      el("td", {}, entry.name || ""), el("td", {}, el("code", {}, entry.project_id || "")),
      el("td", { class: "number" }, String(entry.credit)))));
  count("ledger", `${ledger.count}, ${ledger.credits} credits, ${ledger.duplicates} duplicates`);
}

async function loadWebhooks() {
  const list = await ask("GET", "/webhooks?limit=100");
  byId("webhooks").replaceChildren(...list.reverse().map(sent => el("tr", {},
    el("td", {}, `${sent.event.progress} %${sent.again ? " (again)" : ""}`),
    el("td", {}, sent.url),
    el("td", { class: sent.problem ? "bad" : "good" }, sent.problem || String(sent.status ?? "")),
    el("td", {}, el("button", { type: "button",
      onclick: () => act("POST", `/webhooks/${sent.id}/send`) }, "Send again")))));
  count("webhooks", list.length || "");
}
]]
