"""Makes tqdm_cases.txt: lines of tqdm's bars, each with the Lua table of what they show.

Usage: python make_tqdm.py > tqdm_cases.txt   (with tqdm installed; the first line tells the version)
"""

import random

import tqdm as package
from tqdm.std import tqdm

random.seed(4)
print(f"-- tqdm {package.__version__}")


def lua(value):
    if value is None:
        return "nil"
    if value is True or value is False:
        return str(value).lower()
    if isinstance(value, str):
        return '"' + value + '"'
    return repr(value)


FORMATS = ["{l_bar}{bar}{r_bar}", "{desc}: {percentage:3.0f}%|{bar:20}| {n_fmt}/{total_fmt}", "{l_bar}{bar:-30b}", "{bar:12a}|{elapsed}<{remaining}",
           "{n}/{total} {rate_fmt}{postfix}", "{desc}: {rate_inv_fmt} {rate_noinv_fmt} {unit}"]


def choose():
    total = random.choice([None, 0, 1, 7, 100, 100, 1234, 10**7, 3 * 10**10])
    options = {"n": random.randint(0, int(total * 1.05)) if total else random.randint(0, 5000), "total": total, "elapsed": random.choice([0, 0.4, 12.7, 75.2, 4000.5, 90000.1])}
    if random.random() < 0.5:
        options["ncols"] = random.choice([0, 20, 40, 60, 80, 117])
    if random.random() < 0.5:
        options["prefix"] = random.choice(["train", "train: ", "é ü"])
    if random.random() < 0.4:
        options["unit"] = random.choice(["B", "batch", " rows"])
    if random.random() < 0.4:
        options["unit_scale"] = random.choice([True, 1, 2, 0.5])
    if random.random() < 0.2:
        options["unit_divisor"] = 1024
    if random.random() < 0.3:
        options["rate"] = random.choice([0.013, 0.5, 3.25, 999.6, 123456.7])
    if random.random() < 0.3:
        options["postfix"] = "loss=5.12"
    if random.random() < 0.2:
        options["initial"] = 3
    if random.random() < 0.3:
        options["ascii"] = random.choice([True, " .oO"])
    if random.random() < 0.2:
        options["bar_format"] = random.choice(FORMATS)
    return options


lines = 0
while lines < 600:
    options = choose()
    line = tqdm.format_meter(**options)
    # Without a total, tqdm puts a second colon after a description that has one.
    if ": : " in line and "bar_format" not in options:
        continue
    lines += 1
    fields = ", ".join(f"{'desc' if key == 'prefix' else key} = {lua(value)}" for key, value in options.items() if value is not None)
    print("{" + fields + "}\t" + line)
for _ in range(200):
    value = random.choice([random.random(), random.random() * 10 ** random.randint(-9, 12), random.randint(-10**7, 10**7), float(random.randint(0, 2000))])
    print(f"number\t{value!r}\t{tqdm.format_num(value)}")
for _ in range(60):
    value = random.random() * 10 ** random.randint(0, 26)
    print(f"size\t{value!r}\t{tqdm.format_sizeof(value)}")
