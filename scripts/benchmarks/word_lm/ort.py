"""qrepl.lua in ONNX Runtime, with the models that export.py has written to BENCH_ONNX. With the argument `evaluate` it is evaluate.lua."""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import numpy
import onnxruntime
from worker import serve

LENGTH = 25
ids = numpy.array([int(line) for line in open(os.environ["BENCH_WORDS"])])
batches = [(ids[i : i + LENGTH].reshape(-1, 1), ids[i + 1 : i + 1 + LENGTH]) for i in range(0, len(ids) - LENGTH, LENGTH)]


def session(name):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(os.environ.get("OMP_NUM_THREADS", "1"))
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    path = os.path.join(os.environ["BENCH_ONNX"], name + ".onnx")
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def zeros():
    return numpy.zeros((5, 1, 256), numpy.float32)


def evaluate(name):
    run, h, c, total = session(name).run, zeros(), zeros(), 0.0
    start = time.process_time()
    for data, targets in batches:
        loss, h, c = run(None, {"data": data, "targets": targets, "h": h, "c": c})
        total += float(loss)
    print("%s %.17g %.3f" % (name[:4].upper(), total / len(batches), (time.process_time() - start) / len(batches) * 1e3))


if sys.argv[1:] == ["evaluate"]:
    evaluate("fp32_loss")
    evaluate("int8_loss")
    for line in open("/proc/self/status"):
        if line.startswith("VmHWM:"):
            print("peak " + line.split()[1])
    sys.exit()

cases = []


def case(title, name, with_loss=False):
    run, h, c, at = session(name).run, zeros(), zeros(), 0

    def loop(count):
        nonlocal h, c, at
        for _ in range(count):
            data, targets = batches[at]
            at = (at + 1) % 32
            feed = {"data": data, "h": h, "c": c}
            if with_loss:
                feed["targets"] = targets
            _, h, c = run(None, feed)

    cases.append((title, loop))


case("FP32, forward", "fp32")
case("FP32, with the loss", "fp32_loss", True)
case("INT8, forward", "int8")
case("INT8, with the loss", "int8_loss", True)
serve(cases)
