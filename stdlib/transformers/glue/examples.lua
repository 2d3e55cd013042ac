--- Pairs of sentences with a label, and the corpora that hold them. Mirrors `transformers.data.processors`.
local fail = require "torch.failure"
local class = require "torch.class"
local dict = require "dict"
local logging = require "logging"
local path = require "path"
local text = require "text"

local logger = logging.getLogger("transformers.data.processors.glue")
local glue = {}

local function described(self, fields)
  local parts = {}
  for i, field in ipairs(fields) do parts[i] = field .. "=" .. dict.repr(self[field]) end
  return getmetatable(self).__name .. "(" .. table.concat(parts, ", ") .. ")"
end

local example_fields = {"guid", "text_a", "text_b", "label"}

--- A text or a pair, with its label: `InputExample(guid, text_a, text_b, label)` or by name. Mirrors `transformers.InputExample`.
local InputExample = class("InputExample", nil, "guid, text_a, text_b=None, label=None")
glue.InputExample = InputExample

function InputExample:__init(guid, text_a, text_b, label)
  if type(guid) == "table" then guid, text_a, text_b, label = guid.guid, guid.text_a, guid.text_b, guid.label end
  self.guid, self.text_a, self.text_b, self.label = guid, text_a, text_b, label
end

function InputExample:__tostring() return described(self, example_fields) end

--- The rows of a file of columns parted by tabs, without any quoting: the names of the columns, and an iterator over the number of
--- a line and its fields. Lines, columns and fields that cannot be meant stop it with the file and the line.
local function rows(name)
  local bytes = text.read(name):gsub("^\u{feff}", "")
  if not bytes:find("%S") then fail("ValueError", "%s is empty", name) end
  local lines, columns = bytes:gmatch("([^\n]*)\n?"), {}

  local function fields(line)
    local list = {}
    for field in (line .. "\t"):gmatch("([^\t]*)\t") do list[#list + 1] = field end
    return list
  end

  local header, number = fields(lines()), 1
  for i, column in ipairs(header) do
    if column:find('^"') then fail("ValueError", "%s, line 1: column %s is in quotes, and this format has none", name, column) end
    columns[column] = i
  end

  return columns, function()
    local line
    repeat
      line, number = lines(), number + 1
      if line == nil then return nil end
    until line ~= ""
    local list = fields(line)
    if #list ~= #header then fail("ValueError", "%s, line %d: %d columns, where line 1 has %d", name, number, #list, #header) end
    return number, list
  end
end

-- What a program that writes tables with quotes makes of a text: sentences begin and end with quotes too, but double none.
local function is_quoted(field)
  local inner = field:match('^"(.*)"$')
  return inner and inner:find('""', 1, true) and not inner:gsub('""', ""):find('"', 1, true)
end

local MrpcProcessor = class("MrpcProcessor")
glue.MrpcProcessor = MrpcProcessor

function MrpcProcessor:__tostring() return "<transformers.data.processors.glue.MrpcProcessor object>" end

--- The labels: "0" for different sentences, "1" for paraphrases.
function MrpcProcessor:get_labels() return {"0", "1"} end

local function is_label(label) return label == "0" or label == "1" end

--- The pairs of a file with the columns `#1 String` and `#2 String`, and `Quality` where they have labels; `set_type` names them.
function MrpcProcessor:read(name, set_type)
  logger:info("LOOKING AT %s", name)
  local columns, each = rows(name)
  local first, second, quality = columns["#1 String"], columns["#2 String"], columns.Quality
  for _, column in ipairs {"#1 String", "#2 String"} do
    if not columns[column] then fail("ValueError", "%s, line 1: no column %s", name, dict.repr(column)) end
  end
  if not quality and set_type ~= "test" then fail("ValueError", "%s, line 1: no column 'Quality'", name) end
  local examples = {}
  for line, fields in each do
    local label = quality and fields[quality]
    if label and not is_label(label) then fail("ValueError", "%s, line %d: label %s is neither 0 nor 1", name, line, dict.repr(label)) end
    for column, place in pairs {["#1 String"] = first, ["#2 String"] = second} do
      local field = fields[place]
      if not field:find("%S") then fail("ValueError", "%s, line %d: %s is empty", name, line, dict.repr(column)) end
      if is_quoted(field) then fail("ValueError", "%s, line %d: %s is in quotes, and this format has none", name, line, dict.repr(column)) end
    end
    examples[#examples + 1] = InputExample(("%s-%d"):format(set_type, line - 1), fields[first], fields[second], label or nil)
  end
  if #examples == 0 then fail("ValueError", "%s has a first line and no pairs", name) end
  return examples
end

--- The training pairs of a folder. Mirrors `get_train_examples`.
function MrpcProcessor:get_train_examples(data_dir) return self:read(path.join(data_dir, "train.tsv"), "train") end

--- The validation pairs: `dev.tsv` as GLUE names it, or `val.tsv`. Mirrors `get_dev_examples`.
function MrpcProcessor:get_dev_examples(data_dir)
  local name = path.join(data_dir, "dev.tsv")
  local other = path.join(data_dir, "val.tsv")
  return self:read(not path.exists(name) and path.exists(other) and other or name, "dev")
end

--- The test pairs; GLUE's have no labels. Mirrors `get_test_examples`.
function MrpcProcessor:get_test_examples(data_dir) return self:read(path.join(data_dir, "test.tsv"), "test") end

-- Asking for another of GLUE's tasks says so.
local function by_task(values, what)
  return setmetatable(values, {
    __index = function(_, task) fail("KeyError", "%s: no %s of this task is here; 'mrpc' is", dict.repr(task), what) end,
  })
end

glue.glue_processors = by_task({mrpc = MrpcProcessor}, "processor")
glue.glue_output_modes = by_task({mrpc = "classification"}, "output mode")
glue.described = described

return glue
