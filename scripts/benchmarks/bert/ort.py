"""qrepl.lua in ONNX Runtime, with the models that export.py has written to BENCH_ONNX; forward passes only."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import model as M
import onnxruntime
from worker import serve


def session(name):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(os.environ.get("OMP_NUM_THREADS", "1"))
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    path = os.path.join(os.environ["BENCH_ONNX"], name + ".onnx")
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


cases = []


def case(title, name, used=M.LENGTH):
    run = session(name).run
    feed = {name: t.numpy() for name, t in zip(("ids", "types", "mask"), M.batch(8, used).values())}

    def loop(count):
        for _ in range(count):
            run(None, feed)

    cases.append((title, loop))


case("FP32", "fp32")
case("INT8", "int8")
case("FP32, 53 tokens count", "fp32", 53)
case("INT8, 53 tokens count", "int8", 53)
serve(cases)
