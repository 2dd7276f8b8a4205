local aistudios, batches = require "aistudios", require "aistudios.batch"
local client <close> = assert(aistudios.new())
local template <close> = assert(io.open "offer.json")

local batch <close> = assert(batches.open { -- the second time, it opens what is there
  store = "offers.db", rows = "offers.csv", to = "{sku}.mp4", max_jobs = 3,
  template = assert(aistudios.decode(template:read "a")),
})

local status = assert(batch:run(client)) -- until nothing is left to do
print(status.counts.done, status.counts.unknown, status.spent_jobs)
