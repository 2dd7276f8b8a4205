// SPDX-License-Identifier: MIT
// Renders a project with Node alone: node render.mjs project.json video.mp4
//
// AISTUDIOS_BASE_URL, AISTUDIOS_APP_ID and AISTUDIOS_USER_KEY say where and who;
// `aistudios sandbox` prints all three.
import { readFile, writeFile } from "node:fs/promises";

const { AISTUDIOS_BASE_URL, AISTUDIOS_APP_ID, AISTUDIOS_USER_KEY } = process.env;
let token;

async function call(method, path, body) {
  const answer = await fetch(`${AISTUDIOS_BASE_URL}/api/odin/v3${path}`, {
    method, body, headers: { "Content-Type": "application/json", ...(token && { Authorization: token }) },
  });
  const envelope = await answer.json();
  if (!envelope.success) throw new Error(`${method} ${path}: ${JSON.stringify(envelope.error)}`);
  return envelope.data;
}

({ token } = await call("POST", "/auth/token",
  JSON.stringify({ appId: AISTUDIOS_APP_ID, userKey: AISTUDIOS_USER_KEY })));

const [projectFile, videoFile] = process.argv.slice(2);
const { projectId } = await call("POST", "/editor/project", await readFile(projectFile, "utf8"));

const deadline = Date.now() + 1800 * 1000;
let seen;
do {
  if (seen) await new Promise(resume => setTimeout(resume, 100));
  if (Date.now() > deadline) throw new Error(`${projectId} is not done after half an hour`);
  seen = await call("GET", `/editor/progress/${projectId}`);
} while (seen.progress !== 100 || !seen.downloadUrl);

const video = await fetch(seen.downloadUrl);
await writeFile(videoFile, Buffer.from(await video.arrayBuffer()));
console.log(projectId);
