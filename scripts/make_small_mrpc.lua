--- Writes the small paraphrase corpus that BERT's tutorials fall back on: tutorials/data/small_mrpc/{train,val,test}.tsv, and the
--- vocabulary of its tokenizer, tutorials/data/small_bert/vocab.txt.
---
---     qrepl scripts/make_small_mrpc.lua [FOLDER [TRAINING PAIRS]]
---
--- The pairs are made up by the grammar below, in MRPC's manner and layout: two sentences of news, 1 where they say the same in other
--- words and 0 where a name, a number or what happened differs.
local folder = arg and arg[1] or "tutorials/data"
math.randomseed(20261121, 6)

local function one(list) return list[math.random(#list)] end
local function chance(share) return math.random() < share end
local function list(text)
  local items = {}
  for item in text:gmatch("[^,\n]+") do items[#items + 1] = item:match("^%s*(.-)%s*$") end
  return items
end

local slots = {
  person = list "Abel, Brandt, Dahl, Keller, Lind",
  firm = list "Nordwind, Arrowhead, Bluestone, Castell, Deltra",
  town = list "Barford, Corden, Delwick, Galton, Merton",
  day = list "Monday, Tuesday, Wednesday, Thursday, Friday",
  number = list "two, four, seven, twelve, fifty",
  good = list "salt, wool, timber, copper, wine",
  work = list "bridge, church, market, school, library",
}

-- Words that may stand for each other.
local same = {
  list "said, stated, declared", list "bought, acquired, purchased", list "rose, climbed, increased", list "fell, dropped, declined",
  list "destroyed, ruined, wrecked", list "hurt, injured, wounded", list "started, began", list "ended, finished", list "official, spokesman",
  list "company, firm", list "cars, vehicles", list "plan, project", list "hired, employed", list "people, persons", list "opened, unveiled",
  list "closed, shut", list "dismissed, removed", list "named, appointed", list "saved, rescued", list "fired, sacked",
}
local synonyms = {}
for _, group in ipairs(same) do
  for _, word in ipairs(group) do synonyms[word] = group end
end

-- What happens: sentences that say the same. {x} is a slot; <a|b> is one thing or its opposite.
local events = {
  {"{firm} has <bought|sold> a {work} .", "A {work} was <bought|sold> by {firm} .", "{firm} <bought|sold> a {work} ."},
  {"Shares of {firm} <rose|fell> on {day} .", "On {day} , shares of {firm} <rose|fell> .", "{firm} 's shares <rose|fell> on {day} ."},
  {"{number} people were <hurt|saved> in {town} .", "In {town} , {number} people were <hurt|saved> .", "A fire in {town} : {number} people <hurt|saved> ."},
  {"{person} <won|lost> the race in {town} .", "In {town} , {person} <won|lost> the race .", "The race in {town} was <won|lost> by {person} ."},
  {"The {work} was <opened|closed> on {day} .", "On {day} the {work} was <opened|closed> .", "They <opened|closed> the {work} on {day} ."},
  {"The price of {good} <rose|fell> , an official said .", "An official said {good} <rose|fell> .", "{good} prices <rose|fell> , said an official ."},
  {"{person} was <named|dismissed> as head of {firm} .", "{firm} <named|dismissed> {person} as its head .", "Its head {person} was <named|dismissed> by {firm} ."},
  {"A storm has <destroyed|spared> the {work} in {town} .", "The {work} in {town} was <destroyed|spared> by a storm .", "In {town} , a storm <destroyed|spared> the {work} ."},
  {"{firm} has <hired|fired> {number} hundred people .", "{number} hundred people were <hired|fired> by {firm} .", "{firm} said it <hired|fired> {number} hundred people ."},
  {"{person} said the plan had <started|ended> .", "The plan has <started|ended> , {person} said .", "The plan <started|ended> , said {person} ."},
}

local function filled(sentence, values, side)
  return (sentence:gsub("<(%a+)|(%a+)>", function(a, b) return side == 1 and a or b end):gsub("{(%a+)}", values))
end

local function reworded(sentence)
  return (sentence:gsub("%a+", function(word)
    local group = synonyms[word]
    return group and chance(0.5) and one(group) or nil
  end))
end

-- As texts are written: no space before a full stop, comma or 's, a capital at the beginning.
local function written(sentence) return (sentence:gsub(" ([.,:'])", "%1"):gsub("^%l", string.upper)) end

-- A value that none of the others is.
local function other(kind, values)
  local taken, value = {}, nil
  for _, used in pairs(values) do taken[used] = true end
  repeat value = one(slots[kind]) until not taken[value]
  return value
end

-- Values for what an event names, no two of a kind the same.
local function drawn(event)
  local values = {}
  for key in event[1]:gmatch("{(%a+)}") do values[key] = other(key, values) end
  return values
end

local function pair()
  local event = one(events)
  local values, side = drawn(event), math.random(2)
  local first = math.random(#event)
  local second = (first + math.random(#event - 1) - 1) % #event + 1
  local a = filled(event[first], values, side)
  if chance(0.6) then return 1, a, filled(event[second], values, side) end
  -- Of the others, some are about something else, most change one or two of the things that are named.
  if chance(0.25) then
    local another = one(events)
    return 0, a, another == event and filled(event[second], drawn(event), side) or filled(one(another), drawn(another), math.random(2))
  end
  local keys, changed = {}, {}
  for key in event[1]:gmatch("{(%a+)}") do keys[#keys + 1] = key end
  for key, value in pairs(values) do changed[key] = value end
  local turned = side
  if event[1]:find("<", 1, true) and chance(0.55) then
    turned = 3 - side
  else
    for _ = 1, math.random(2) do
      local key = one(keys)
      changed[key] = other(key, changed)
    end
  end
  local b = filled(event[second], changed, turned)
  -- Two changes may undo each other.
  return b == filled(event[second], values, side) and 1 or 0, a, b
end

--- Lines of the corpus, as many as asked for.
local function lines(count, id)
  local out = {"\u{feff}Quality\t#1 ID\t#2 ID\t#1 String\t#2 String"}
  for i = 1, count do
    local quality, a, b = pair()
    a, b = written(reworded(a)), written(reworded(b))
    out[#out + 1] = ("%d\t%d\t%d\t%s\t%s"):format(quality, id + 2 * i, id + 2 * i + 1, a, b)
  end
  return out
end

local function write(name, content)
  local file <close> = assert(io.open(folder .. "/" .. name, "wb"))
  assert(file:write(table.concat(content, "\n"), "\n"))
end

local sizes = {{"train", tonumber(arg and arg[2]) or 2000}, {"val", 240}, {"test", 400}}
for i, part in ipairs(sizes) do write("small_mrpc/" .. part[1] .. ".tsv", lines(part[2], i * 1000000)) end

-- The vocabulary: what frames texts, punctuation, the letters that unknown words are put together from, and all words above.
local vocabulary = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", ",", ":", "'", '"', "-"}
for code = 48, 57 do vocabulary[#vocabulary + 1] = string.char(code) end
for code = 97, 122 do vocabulary[#vocabulary + 1] = string.char(code) end
for code = 97, 122 do vocabulary[#vocabulary + 1] = "##" .. string.char(code) end
local words, sorted = {}, {}
for _, group in pairs {slots.person, slots.firm, slots.town, slots.day, slots.number, slots.good, slots.work, table.unpack(same)} do
  for _, item in ipairs(group) do words[item:lower()] = true end
end
for _, event in ipairs(events) do
  for word in table.concat(event, " "):gsub("{%a+}", ""):lower():gmatch("%a+") do words[word] = true end
end
for word in pairs(words) do if #word > 1 then sorted[#sorted + 1] = word end end
table.sort(sorted)
table.move(sorted, 1, #sorted, #vocabulary + 1, vocabulary)
write("small_bert/vocab.txt", vocabulary)
