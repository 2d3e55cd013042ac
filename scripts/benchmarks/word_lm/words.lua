--- Writes the first words of the test set as the tutorial numbers them, one a line: words.lua FOLDER COUNT.
local test = require "text".Corpus(arg[1]).test
for _, index in ipairs(test:narrow(0, 0, math.min(#test, math.tointeger(tonumber(arg[2])))):tolist()) do print(index) end
