-- SPDX-License-Identifier: MIT
--
-- console.script_base: elements, requests to the admin interface, notices. What
-- comes from the sandbox is only ever text of an element, never HTML.

return [[
"use strict";
const byId = id => document.getElementById(id);
const view = { world: null, clock: null, kinds: {}, scenarios: [], dirty: new Set() };

function el(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter(child => child != null));
  return element;
}

function address(path) {
  const url = new URL(path, location.origin);
  if (view.world) url.searchParams.set("world", view.world);
  return url.pathname + url.search;
}

let noticeTimer;
function notice(text) {
  byId("notice").textContent = text;
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => { byId("notice").textContent = ""; }, 5000);
}

async function ask(method, path, body) {
  const answer = await fetch(address(path), {
    method, body: body === undefined ? undefined : JSON.stringify(body),
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
  });
  const value = await answer.json();
  if (!answer.ok) throw new Error(value.error || answer.statusText);
  return value;
}

// For buttons: what fails is told, and what it may have changed is shown.
async function act(method, path, body) {
  try { return await ask(method, path, body); }
  catch (error) { notice(error.message); }
}

const time = seconds => new Date(seconds * 1000).toISOString().slice(11, 19);
const count = (name, number) => { byId(name + "-count").textContent = number; };

async function copy(text) {
  try { await navigator.clipboard.writeText(text); notice("copied"); }
  catch (error) { notice("the browser does not let a page copy: " + error.message); }
}
]]
