# SPDX-License-Identifier: MIT
"""Renders a project with requests: python3 render.py project.json video.mp4

AISTUDIOS_BASE_URL, AISTUDIOS_APP_ID and AISTUDIOS_USER_KEY say where and who;
`aistudios sandbox` prints all three."""
import json
import os
import sys
import time

import requests

api = os.environ["AISTUDIOS_BASE_URL"] + "/api/odin/v3"
session = requests.Session()
session.trust_env = False  # no proxy for this machine


def call(method, path, body=None):
    answer = session.request(method, api + path, json=body, timeout=60)
    envelope = answer.json()
    if not envelope.get("success"):
        raise SystemExit(f"{method} {path}: {envelope.get('error')}")
    return envelope["data"]


keys = {"appId": os.environ["AISTUDIOS_APP_ID"], "userKey": os.environ["AISTUDIOS_USER_KEY"]}
session.headers["Authorization"] = call("POST", "/auth/token", keys)["token"]

with open(sys.argv[1], encoding="utf-8") as file:
    project_id = call("POST", "/editor/project", json.load(file))["projectId"]

deadline = time.monotonic() + 1800
while True:
    seen = call("GET", f"/editor/progress/{project_id}")
    if seen["progress"] == 100 and seen.get("downloadUrl"):
        break
    if time.monotonic() > deadline:
        raise SystemExit(f"{project_id} is not done after half an hour")
    time.sleep(0.1)

with open(sys.argv[2], "wb") as file:
    file.write(requests.get(seen["downloadUrl"], timeout=600).content)
print(project_id)
