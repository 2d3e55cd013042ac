"""Makes timings.txt: what IPython's TimeitResult and _format_time print for many timings.

Usage: python timings.py > timings.txt   (with IPython installed; the first line tells the version)
"""

import math
import random

import IPython
from IPython.core.magics.execution import TimeitResult, _format_time

random.seed(20240229)
print(f"# IPython {IPython.__version__}")


def rounds_over(seconds, precision):
    """Whether qrepl chooses another unit, because it rounds first."""
    text = _format_time(seconds, precision).split(" ")[0]
    return seconds < 60 and (float(text) >= 1000 or (_format_time(seconds, precision).endswith(" s") and float(text) >= 60))


for _ in range(1500):
    seconds = 10 ** random.uniform(-11, 6)
    precision = random.choice([1, 2, 3, 3, 3, 4, 6])
    if rounds_over(seconds, precision):
        continue
    print("time", seconds.hex(), precision, _format_time(seconds, precision), sep="\t")
for seconds in [0.0, 1e-9, 1e-6, 1e-3, 1.0, 59.9, 60.0, 61.0, 3600.0, 3661.5, 86400.0, 90061.0, 999e-6, 1e-12]:
    print("time", float(seconds).hex(), 3, _format_time(seconds, 3), sep="\t")
count = 0
while count < 1000:
    loops = 10 ** random.randint(0, 8)
    repeat = random.choice([1, 1, 2, 3, 7, 7, 7, 20])
    scale = 10 ** random.uniform(-9, 2) * loops
    spread = random.choice([0.0, 0.01, 0.3, 2.0])
    runs = [scale * math.exp(random.gauss(0, spread)) for _ in range(repeat)]
    precision = random.choice([2, 3, 3, 5])
    result = TimeitResult(loops, repeat, min(runs) / loops, max(runs) / loops, runs, 0.0, precision)
    if rounds_over(result.average, precision) or rounds_over(result.stdev, precision):
        continue
    count += 1
    warning = ""
    if result.worst > 4 * result.best and result.best > 0 and result.worst > 1e-6:
        warning = (
            "The slowest run took %0.2f times longer than the fastest. This could mean that an intermediate result is being cached."
            % (result.worst / result.best)
        )
    print("runs", loops, precision, " ".join(run.hex() for run in runs), str(result), warning, sep="\t")
