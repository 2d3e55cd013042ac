--- Writes the small corpus that the language model's tutorials fall back on: tutorials/data/small/{train,valid,test}.txt.
---
---     qrepl scripts/make_small_corpus.lua [FOLDER]
---
--- The text is made up by the grammar below, in WikiText's manner: short articles on places, rivers, birds and people that
--- do not exist. Each article keeps to its own name and facts, so that there is something to remember beyond a sentence.
local folder = arg and arg[1] or "tutorials/data/small"
math.randomseed(20261121, 0)

local function one(list) return list[math.random(#list)] end
local function words(text)
  local list = {}
  for word in text:gmatch("%S+") do list[#list + 1] = word end
  return list
end

local first = words "Al Bar Cor Del Es Far Gal Hol Is Kar Lor Mar Nor Or Pel Ros Sel Tal Ul Ver Wen"
local last = words "den burg ford wick mere stead by ham ton grave"
local names = words [[Anna Boris Clara David Edith Frank Greta Henry Ida Jonas Karla Leo Maria Nils Olga Paul Ruth Simon Thea Viktor]]
local families = words [[Abel Brandt Carver Dahl Eriksen Falk Grimm Hansen Ivers Jansen Keller Lind Moore Novak Olsen Porter Quist Reed Stern Vogel]]
local nations = words "northern southern eastern western coastal central upper lower"
local colours = words "black brown grey white red yellow green blue olive chestnut"
local parts = words "head back breast throat wings tail belly crown nape flanks"
local sizes = words "small large slender stout common rare quiet noisy shy bold"
local birds = words "finch warbler thrush plover heron rail owl swift tern sparrow"
local places = words "forest marsh coast meadow valley island lake cliff moor garden"
local foods = words "seeds insects berries worms fish snails beetles grass spiders fruit"
local goods = words "salt wool timber copper grain wine cloth glass fish stone"
local works = words "bridge church mill tower market school library harbour station wall"
local arts = words "painter poet composer sailor teacher engineer botanist printer surgeon mason"
local pieces = words "novel poem opera symphony map treatise ballad portrait survey sermon"
local months = words "January February March April May June July August September October November December"
local peoples = words "farmers sailors miners weavers traders soldiers monks students settlers travellers"
local deeds = words "destroyed rebuilt sold enlarged closed opened restored abandoned"

local function year() return tostring(1700 + 5 * math.random(0, 59)) end
local function number() return tostring(one {2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 200, 300, 500}) end
local function sometimes(chance, yes, no) return math.random() < chance and yes or no or "" end

local known = {}
for i = 1, 40 do known[i] = one(first) .. one(last) end
local function town() return one(known) end

-- A place: sentences that know its name, its region and what it lives from.
local function place()
  local name, region, good, river = town(), one(nations), one(goods), one(first) .. "a"
  local function sentence()
    return one {
      function() return ("%s is a town in the %s part of the country , on the river %s ."):format(name, region, river) end,
      function() return ("The town was founded in %s by %s who traded in %s ."):format(year(), one(peoples), good) end,
      function() return ("In %s the %s was %s%s ."):format(year(), one(works), one(deeds), sometimes(0.4, " by a fire", "")) end,
      function() return ("It has a population of about %s @,@ %s ."):format(number(), one {"000", "200", "400", "500", "800"}) end,
      function() return ("%s is known for its %s and for the old %s on the %s bank of the %s ."):format(name, good, one(works), one(nations), river) end,
      function() return ("Most of the people of %s live from %s ."):format(name, good) end,
      function() return ("A %s was built near the %s in %s %s ."):format(one(works), one(works), one(months), year()) end,
      function() return ("The road from %s to %s is %s km long and crosses the %s ."):format(name, town(), number(), river) end,
      function() return ("After the war the %s of %s was %s , and the %s left the town ."):format(one(works), name, one(deeds), one(peoples)) end,
    }()
  end
  return name, sentence, {"History", "Economy", "Geography"}
end

local function bird()
  local colour, kind, home, food = one(colours), one(birds), one(places), one(foods)
  local name = ("%s %s"):format(colour, kind)
  local function sentence()
    return one {
      function() return ("The %s is a %s bird of the %s , about %s cm long ."):format(name, one(sizes), home, number()) end,
      function() return ("Its %s is %s and its %s are %s ."):format(one(parts), colour, one {"wings", "flanks"}, one(colours)) end,
      function() return ("It feeds on %s , and in winter also on %s ."):format(food, one(foods)) end,
      function() return ("The female lays %s eggs in a nest near the %s in %s ."):format(one {"two", "three", "four", "five"}, home, one(months)) end,
      function() return ("Both parents feed the young with %s for about %s days ."):format(food, number()) end,
      function() return ("The male is %s than the female , and its song is %s ."):format(one {"larger", "smaller", "darker", "brighter"}, one {"loud", "soft", "short", "long"}) end,
      function() return ("The %s was first described by %s %s in %s ."):format(name, one(names), one(families), year()) end,
      function() return ("It is found in every %s of the %s provinces , but it is rare near %s ."):format(home, one(nations), town()) end,
    }()
  end
  return name:gsub("^%l", string.upper), sentence, {"Description", "Behaviour", "Range"}
end

local function person()
  local given, family, art, home = one(names), one(families), one(arts), town()
  local is_she = given:match("[ah]$") or given == "Ruth" or given == "Edith"
  local subject, possessive = is_she and "She" or "He", is_she and "her" or "his"
  local function sentence()
    return one {
      function() return ("%s %s was a %s from %s ."):format(given, family, art, home) end,
      function() return ("%s was born in %s on %s %s %s ."):format(subject, home, tostring(math.random(1, 28)), one(months), year()) end,
      function() return ("In %s %s wrote %s first %s , \" The %s of %s \" ."):format(year(), subject:lower(), possessive, one(pieces), one(places), town()) end,
      function() return ("%s 's %s was praised by %s %s , who called it \" a work of %s \" ."):format(family, one(pieces), one(names), one(families), one {"genius", "patience", "great care", "no use"}) end,
      function() return ("%s lived in %s for %s years and worked as a %s ."):format(subject, town(), number(), art) end,
      function() return ("%s married %s %s , a %s ; they had %s children ."):format(family, one(names), one(families), one(arts), one {"two", "three", "four", "five", "no"}) end,
      function() return ("After %s return to %s , %s taught at the %s there ."):format(possessive, home, subject:lower(), one {"school", "library", "church"}) end,
      function() return ("%s died in %s in %s , and a %s was named after %s ."):format(subject, town(), year(), one(works), is_she and "her" or "him") end,
    }()
  end
  return ("%s %s"):format(given, family), sentence, {"Early life", "Career", "Later years"}
end

local function article(lines)
  local name, sentence, sections = one {place, bird, person}()
  local function add(line) lines[#lines + 1] = line end
  local function paragraph() 
    local out = {}
    for i = 1, math.random(2, 4) do out[i] = sentence() end
    add(" " .. table.concat(out, " ") .. " ")
  end
  add(" ")
  add((" = %s = "):format(name))
  add(" ")
  paragraph()
  for _, section in ipairs(sections) do
    if math.random() < 0.6 then
      add(" ")
      add((" = = %s = = "):format(section))
      add(" ")
      paragraph()
    end
  end
end

for _, part in ipairs {{"train", 620}, {"valid", 55}, {"test", 70}} do
  local lines = {}
  for _ = 1, part[2] do article(lines) end
  local content = table.concat(lines, "\n") .. "\n"
  -- A word in two hundred is unknown, as in WikiText.
  if part[1] ~= "train" then content = content:gsub("%f[%w]%u%l+%f[%W]", function(word) if math.random() < 0.02 then return "<unk>" end end)
  else content = content:gsub("%f[%w]%u%l+%f[%W]", function(word) if math.random() < 0.01 then return "<unk>" end end) end
  local file <close> = assert(io.open(folder .. "/" .. part[1] .. ".txt", "wb"))
  assert(file:write(content))
end
