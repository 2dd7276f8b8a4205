-- SPDX-License-Identifier: MIT
--
-- Programs in other languages render against the sandbox, with nothing but its
-- address and keys. Each runs where its interpreter is.

local sandbox = require "aistudios.sandbox"
local support = require "spec.support"

local programs = {
  ["render.py"] = { run = "python3", check = "python3 -c 'import requests'" },
  ["render.mjs"] = { run = "node", check = "node -e 'fetch'" },
  ["render.sh"] = { run = "sh", check = "curl --version" },
}

local function is_there(check)
  return os.execute(("env -u LD_PRELOAD %s >/dev/null 2>&1"):format(check)) == true
end

describe("a program in another language", function()
  for name, program in pairs(programs) do
    it("renders: " .. name, function()
      if not is_there(program.check) then pending(program.run .. " is not there") return end
      local server <close> = assert(sandbox.start { render_seconds = 0.2 })
      local video = support.directory "other_languages" .. "/video.mp4"
      local id = support.run(("env -u LD_PRELOAD AISTUDIOS_BASE_URL=%s AISTUDIOS_APP_ID=%s "
        .. "AISTUDIOS_USER_KEY=%s %s spec/examples/other_languages/%s "
        .. "spec/fixtures/hello-project.json '%s' 2>&1"):format(server.url, server.app_id,
        server.user_key, program.run, name, video))
      assert.equal(server:ledger()[1].project_id, id)
      assert.equal(1, #server:ledger())
      assert.equal("ftyp", support.read_file(video):sub(5, 8))
    end)
  end
end)
