"""Writes surface.lua: what PyTorch prints for each case, next to the Lua that must print the same.

Run with an interpreter that has torch: python Tests/lua/make_surface.py; with a topic, `make_surface.py indexing`, it makes
indexing.lua of indexing_cases.txt instead.
A case is `lua ;; python`; where one text serves both, there is no `;;`. Lines that begin with `!` are errors: the
sentence must be the same. `seed N` starts both generators anew; `do` lines are run, not printed.
"""
import os
import sys
import warnings

import torch
import torch.nn as nn
import torch.nn.functional as F

warnings.filterwarnings("ignore")
HERE = os.path.dirname(os.path.abspath(__file__))
topic = sys.argv[1] if len(sys.argv) > 1 else "surface"
lines = open(os.path.join(HERE, f"{topic}_cases.txt"), encoding="utf-8").read().splitlines()
scope = {"torch": torch, "nn": nn, "F": F, "inf": float("inf"), "nan": float("nan"), "true": True, "false": False}
out = ["-- Made by make_surface.py with PyTorch; see there. Each case must print what PyTorch printed.",
       "local torch = require 'torch'", "local failures, passed = {}, 0",
       "local function check(code, wanted, wantError)",
       "  local chunk = assert(load(code, code, 't', _ENV))",
       "  local ok, got = pcall(chunk)",
       "  got = ok and tostring(got) or tostring(got):gsub('^%[string .-%]:%d+: ', '')",
       "  if ok == wantError or got ~= wanted then",
       "    failures[#failures + 1] = code .. '\\n  wanted: ' .. wanted .. '\\n  got:    ' .. got",
       "  else passed = passed + 1 end", "end"]


def quote(text):
    eq = "="
    while f"]{eq}]" in text:
        eq += "="
    return f"[{eq}[\n{text}]{eq}]"


for line in lines:
    if not line.strip() or line.startswith("#"):
        continue
    lua, _, py = line.partition(" ;; ")
    if line.startswith("seed "):
        torch.manual_seed(int(line[5:]))
        out.append(f"torch.manual_seed({line[5:]})")
        continue
    if line.startswith("do "):
        lua = lua[3:]
        exec(py or lua, scope)
        out.append("; " + lua)
        continue
    error = lua.startswith("!")
    lua = lua[1:].strip() if error else lua
    try:
        value = eval((py or lua).strip(), scope)
        text = str(value) if not isinstance(value, bool) else str(value).lower()
        assert not error, f"no error: {line}"
    except Exception as e:
        if not error:
            raise SystemExit(f"{line}\n{e}")
        text = f"{type(e).__name__}: {e}"
    out.append(f"check({quote('return ' + lua)}, {quote(text)}, {'true' if error else 'false'})")
out += ["for _, text in ipairs(failures) do io.stderr:write(text, '\\n') end",
        "print(('%d passed, %d failed'):format(passed, #failures))", "os.exit(#failures == 0)"]
open(os.path.join(HERE, f"{topic}.lua"), "w", encoding="utf-8").write("\n".join(out) + "\n")
print(len(lines), "cases")
