-- SPDX-License-Identifier: MIT
--
-- player: the page's one script. It plays each list of scenes (.scenes: a project's, those of a
-- row, two versions abreast) by what the page already says: lengths of scenes (data-length),
-- sentences (data-t: from, to) and keyframes of clips (data-m: delay, duration, opacity, x, y,
-- scale, whether they come last; see motion). Where scripts may not run, the page is whole
-- without it. The clock is the page's own; a voice of the browser can hold it at the end of a
-- sentence, no longer than the sentence was estimated to take and three seconds.

local M = {}

--- For the page's policy: no other script runs. A spec compares it.
M.hash = "sha256-P7eYSjO5PUzpOHkdk4+7m/gC+Zd5YE/vVde62hoWqes="

M.script = [[
"use strict";
// All scenes are laid out once the first paint is done: in Chromium, scenes that get their
// height while a click scrolls the page can stop it for good.
requestAnimationFrame(() => setTimeout(() => document.body.classList.add("whole")));
for (const list of document.querySelectorAll(".scenes")) (() => {
  const all = (selector, node = list) => [...node.querySelectorAll(selector)];
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const voices = window.speechSynthesis;
  let end = 0;
  const scenes = all("article.scene").map((node, index) => {
    const scene = { node, index, start: end, length: Number(node.dataset.length) };
    end += scene.length;
    return scene;
  });
  if (!scenes.length) return;

  // Where the clock is: in this scene, at this second; and whether it is shown.
  let scene = scenes[0], at = 0, isShown = false;
  let isPlaying = false, isWholePage = true, last = 0;
  let wantsVoice = false, spoken = null;

  const make = (name, fields, ...children) => {
    const node = Object.assign(document.createElement(name), fields);
    node.append(...children);
    return node;
  };

  function controls(name, length) {
    const button = make("button", { type: "button" });
    const range = make("input", { type: "range", min: 0, max: length, step: "any", value: 0 });
    range.setAttribute("aria-label", "Time of " + name);
    const time = make("output", { ariaLive: "off" }); // it changes with every frame
    const rest = make("button", { type: "button", textContent: "Show all", onclick: leave,
      title: "Every clip where it comes to rest (Escape)", hidden: true });
    const bar = { name, length, button, range, time, rest };
    bar.box = make("div", { className: "controls" }, button, make("span", {}, range), time, rest);
    write(bar, 0, false);
    return bar;
  }

  function write(bar, seconds, isRunning) {
    bar.range.value = seconds;
    bar.range.setAttribute("aria-valuetext", seconds.toFixed(1) + " seconds");
    bar.time.textContent = seconds.toFixed(1) + " / " + bar.length.toFixed(1) + " s";
    bar.button.textContent = isRunning ? "\u275A\u275A" : "\u25B6\uFE0E";
    bar.button.setAttribute("aria-label", (isRunning ? "Pause " : "Play ") + bar.name);
  }

  // With less motion wished, what moves stands where it comes to rest as soon as
  // it begins to come, and is gone when it has left. Fades stay.
  function animate(node) {
    const [delay, duration, opacity, x, y, scale, isExit] = node.dataset.m.split(" ").map(Number);
    const frames = [{ opacity, transform: `translate(${x}px, ${y}px) scale(${scale})` },
      { opacity: 1, transform: "translate(0px, 0px) scale(1)" }];
    const isMoved = x || y || scale !== 1;
    const motion = node.animate(isExit ? frames.reverse() : frames, { delay: delay * 1000,
      duration: duration * 1000, fill: "both",
      easing: !isMoved || !still.matches ? "linear" : isExit ? "step-end" : "step-start" });
    motion.pause();
    return motion;
  }

  function sentenceAt(seconds) {
    scene.sentences ||= all("[data-t]", scene.node).map(node => {
      const [from, to] = node.dataset.t.split(" ").map(Number);
      return { node, from, to };
    });
    return scene.sentences.find(one => one.from <= seconds && seconds < one.to);
  }

  function light(sentence) {
    if (scene.lit === sentence) return;
    scene.lit?.node.classList.remove("lit");
    scene.lit = sentence;
    sentence?.node.classList.add("lit");
    const fold = sentence?.node.closest("details");
    if (fold) fold.open = true;
  }

  function mark(isNow) {
    scene.node.classList.toggle("now", isNow);
    all(".sheet a", document)[scene.index]?.classList.toggle("now", isNow);
    scene.bar.rest.hidden = page.rest.hidden = !isNow;
  }

  function paint() {
    scene.motions ||= all("[data-m]", scene.node).map(animate);
    for (const motion of scene.motions) motion.currentTime = at * 1000;
    light(sentenceAt(at));
    scene.node.style.setProperty("--at", at / scene.length);
    write(scene.bar, at, isPlaying);
    write(page, scene.start + at, isPlaying && isWholePage);
    if (!isShown) mark(true);
    isShown = true;
  }

  // The scene is whole again.
  function leave() {
    pause();
    for (const motion of scene.motions || []) motion.cancel();
    scene.motions = null;
    light(null);
    mark(false);
    isShown = false;
    at = 0;
    write(scene.bar, 0, false);
    write(page, scene.start, false);
  }

  function go(index, seconds) {
    if (scenes[index] !== scene) {
      const wasPlaying = isPlaying;
      if (isShown) leave();
      isPlaying = wasPlaying;
      scene = scenes[index];
    }
    at = Math.max(0, Math.min(seconds, scene.length));
    if (spoken && spoken.sentence !== sentenceAt(at)) hush();
    paint();
    if (isWholePage) scene.node.querySelector("figure").scrollIntoView({ block: "nearest" });
  }

  function seekPage(seconds) {
    const index = scenes.findLastIndex(one => one.start <= Math.max(0, seconds));
    go(index, seconds - scenes[index].start);
  }

  function choose(index) { // -1: the page
    isWholePage = index < 0;
    if (index >= 0 && scenes[index] !== scene) {
      pause();
      go(index, 0);
    }
  }

  // What is at its end begins anew.
  function play() {
    isPlaying = true;
    last = performance.now();
    requestAnimationFrame(step);
    if (isWholePage) seekPage(scene.start + at < end ? scene.start + at : 0);
    else go(scene.index, at < scene.length ? at : 0);
  }

  function pause() {
    isPlaying = false;
    hush();
  }

  function toggle() {
    if (!isPlaying) return play();
    pause();
    paint();
  }

  // A frame that comes late, as in a page that was out of sight, counts 0.25 s.
  function step(ms) {
    if (!isPlaying) return;
    if (!list.checkVisibility()) return leave(); // another row was chosen
    const next = hold(at + Math.max(0, Math.min((ms - last) / 1000, 0.25)));
    last = ms;
    if (next < scene.length) {
      at = next;
      paint();
    } else if (isWholePage && scene.index + 1 < scenes.length) {
      go(scene.index + 1, next - scene.length);
    } else {
      leave();
      if (isWholePage) scene = scenes[0], write(page, 0, false);
      return;
    }
    requestAnimationFrame(step);
  }

  function read(sentence) {
    hush();
    const mine = { sentence, waited: 0, isOver: !voices.getVoices().length };
    const words = new SpeechSynthesisUtterance(sentence.node.textContent);
    words.lang = sentence.node.closest("[lang]").lang;
    words.onend = words.onerror = () => { mine.isOver = true; };
    mine.words = words;
    spoken = mine;
    if (!mine.isOver) voices.speak(words);
  }

  function hush() {
    if (spoken) voices.cancel();
    spoken = null;
  }

  // How far the clock may go: not beyond a sentence that is being read.
  function hold(next) {
    const sentence = wantsVoice && sentenceAt(at);
    if (!sentence) return next;
    if (spoken?.sentence !== sentence) read(sentence);
    if (next < sentence.to || spoken.isOver) return next;
    spoken.waited += next - at;
    if (spoken.waited > sentence.to - sentence.from + 3) return next;
    return at;
  }

  // A link into a scene: it is the next to play, and what plays stops.
  function follow() {
    const target = document.getElementById(location.hash.slice(1));
    const one = scenes.find(one => one.node.contains(target));
    if (one && one !== scene) leave(), choose(-1), scene = one, write(page, one.start, false);
  }

  const page = controls("all scenes", end);
  page.button.onclick = () => {
    if (isPlaying && !isWholePage) pause();
    choose(-1);
    toggle();
  };
  page.range.oninput = () => {
    choose(-1);
    seekPage(page.range.valueAsNumber);
  };
  for (const one of scenes) {
    one.bar = controls(one.node.querySelector("h2").textContent, one.length);
    one.bar.button.onclick = () => {
      choose(one.index);
      toggle();
    };
    one.bar.range.oninput = () => {
      const seconds = one.bar.range.valueAsNumber; // choosing another scene writes it
      choose(one.index);
      go(one.index, seconds);
    };
    one.node.querySelector(".sides, figure").append(one.bar.box);
  }
  page.range.before(make("i", {}, ...scenes.map(one => {
    const part = make("i");
    part.style.flexGrow = 1000 * one.length; // all of the room, however short they are
    return part;
  })));
  if (voices && list.querySelector("[data-t]")) {
    voices.getVoices(); // asks for them: they come later
    page.box.append(make("label", {}, make("input", { type: "checkbox", onchange: event => {
      wantsVoice = event.target.checked;
      hush();
    } }), "Read aloud"));
  }
  page.box.classList.add("page");
  page.box.title = "Space: play, pause. Arrows: a second back or on, with Shift a scene. "
    + "Escape: show all.";
  list.before(page.box);

  still.addEventListener("change", () => {
    for (const motion of scene.motions || []) motion.cancel();
    scene.motions = null;
    if (isShown) paint();
  });
  addEventListener("popstate", follow), follow();
  addEventListener("pagehide", hush);

  // Paper has the scenes whole and the scripts unfolded.
  let unfolded = [];
  addEventListener("beforeprint", () => {
    if (isShown) leave();
    unfolded = all(".words details:not([open])");
    for (const fold of unfolded) fold.open = true;
  });
  addEventListener("afterprint", () => unfolded.forEach(fold => { fold.open = false; }));

  addEventListener("keydown", event => {
    if (event.altKey || event.ctrlKey || event.metaKey || !list.checkVisibility()) return;
    const target = event.target.closest("a, button, summary, input, .scroll");
    const isRange = target?.type === "range";
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "Escape" && isShown) return leave();
    if (event.key === " " ? target && !isRange : !step || target?.matches(".scroll, [type=radio]"))
      return;
    event.preventDefault();
    const mine = isRange ? scenes.findIndex(one => one.bar.range === target) : null;
    if (mine !== null) choose(mine);
    if (!step) return toggle();
    if (event.shiftKey) go(Math.max(0, Math.min(scene.index + step, scenes.length - 1)), 0);
    else if (isWholePage) seekPage(Math.min(end, scene.start + at + step));
    else go(scene.index, at + step);
  });
})();
]]

return M
