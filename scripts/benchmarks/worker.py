"""A benchmark's process on PyTorch's side: worker.lua in Python."""

import sys
import time

# Like Lua's os.clock: this process's time on the processor.
clock = time.process_time
TRIAL = 0.05


def seconds(loop, count):
    start = clock()
    loop(count)
    return clock() - start


def serve(cases):
    loops, counts = {}, {}
    for name, loop in cases:
        # The first calls set things up, which would make a call look long and the trial too short.
        count, spent = 1, seconds(loop, 1)
        if spent < TRIAL:
            loop(10)
            spent = seconds(loop, 1)
        while spent < TRIAL / 4:
            count *= 2
            spent = seconds(loop, count)
        loops[name], counts[name] = loop, max(1, round(count * TRIAL / spent))
        print(name)
    print("ready", flush=True)
    for line in sys.stdin:
        name = line.rstrip("\n")
        print("%.12f %d" % (seconds(loops[name], counts[name]) / counts[name], counts[name]), flush=True)
