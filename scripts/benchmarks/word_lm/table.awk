# Reads medians `THREADS CASE<TAB>WHO<TAB>SECONDS`: a row a case with the ratios, then what the second thread brings.
{ split($1, part, " "); name = substr($1, 3); time[part[1], name, $2] = $3; who[$2] = 1; if (part[1] > most) most = part[1]; seen[name] = 1 }
function ms(t, name, w) { return ((t, name, w) in time) ? sprintf("%.2f ms", time[t, name, w] * 1e3) : "-" }
function ratio(t, name, w) { return ((t, name, w) in time) ? sprintf("%.2f", time[t, name, "qrepl"] / time[t, name, w]) : "-" }
END {
  count = split("FP32, forward|FP32, with the loss|INT8, forward|INT8, with the loss", names, "|")
  both = "PyTorch" in who; three = "ONNX Runtime" in who
  for (t = 1; t <= most; t++) {
    printf "\n%-24s %12s", t == 1 ? "one thread" : t " threads (wall time)", "qrepl"
    if (both) printf " %12s", "PyTorch"
    if (three) printf " %14s", "ONNX Runtime"
    if (both) printf " %14s", "qrepl/PyTorch"
    if (three) printf " %10s%s", "qrepl/ORT", t == 1 ? "  wanted" : ""
    printf "\n"
    for (i = 1; i <= count; i++) {
      name = names[i]
      if (!(name in seen)) continue
      printf "%-24s %12s", name, ms(t, name, "qrepl")
      if (both) printf " %12s", ms(t, name, "PyTorch")
      if (three) printf " %14s", ms(t, name, "ONNX Runtime")
      if (both) printf " %14s", ratio(t, name, "PyTorch")
      if (three) printf " %10s%s", ratio(t, name, "ONNX Runtime"), t == 1 ? "  at most 0.7" : ""
      printf "\n"
    }
  }
  if (most < 2) exit
  printf "\n%-24s %12s", "times as fast with two", "qrepl"
  if (both) printf " %12s", "PyTorch"
  if (three) printf " %14s", "ONNX Runtime"
  printf "\n"
  for (i = 1; i <= count; i++) {
    name = names[i]
    printf "%-24s %12.2f", name, time[1, name, "qrepl"] / time[2, name, "qrepl"]
    if (both) printf " %12.2f", time[1, name, "PyTorch"] / time[2, name, "PyTorch"]
    if (three) printf " %14.2f", time[1, name, "ONNX Runtime"] / time[2, name, "ONNX Runtime"]
    printf "\n"
  }
}
