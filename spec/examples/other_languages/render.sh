#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Renders a project with curl and sed: sh render.sh project.json video.mp4
#
# AISTUDIOS_BASE_URL, AISTUDIOS_APP_ID and AISTUDIOS_USER_KEY say where and who;
# `aistudios sandbox` prints all three.
set -eu
api=$AISTUDIOS_BASE_URL/api/odin/v3

call() { # METHOD PATH [curl's options]
  method=$1 path=$2
  shift 2
  curl --silent --show-error --fail-with-body --noproxy '*' -X "$method" "$api$path" \
    -H 'Content-Type: application/json' "$@"
}

member() { # NAME: its value in the JSON of stdin
  sed -n 's/.*"'"$1"'":"\{0,1\}\([^",}]*\).*/\1/p' | sed 's,\\/,/,g'
}

keys='{"appId":"'$AISTUDIOS_APP_ID'","userKey":"'$AISTUDIOS_USER_KEY'"}'
token=$(call POST /auth/token -d "$keys" | member token)
project=$(call POST /editor/project -H "Authorization: $token" --data-binary "@$1" | member projectId)
[ -n "$project" ]

tries=0
url=
while [ -z "$url" ]; do
  [ "$tries" -lt 18000 ] || { echo "$project is not done after half an hour" >&2; exit 1; }
  [ "$tries" = 0 ] || sleep 0.1
  tries=$((tries + 1))
  url=$(call GET "/editor/progress/$project" -H "Authorization: $token" | member downloadUrl)
done

curl --silent --show-error --fail --noproxy '*' -o "$2" "$url"
echo "$project"
