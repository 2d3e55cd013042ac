# Reads medians `THREADS CASE<TAB>WHO<TAB>SECONDS`: a row a case, with the ratio to the best peer, then what a second thread brings.
{ split($1, part, " "); name = substr($1, 3); time[part[1], name, $2] = $3; who[$2] = 1; if (part[1] > most) most = part[1]; seen[name] = 1 }
function ms(t, name, w) { return ((t, name, w) in time) ? sprintf("%.1f ms", time[t, name, w] * 1e3) : "-" }
function best(t, name,    w, least) {
  for (w in who) if (w != "qrepl" && (t, name, w) in time && (!least || time[t, name, w] < least)) least = time[t, name, w]
  return least
}
END {
  count = split("FP32|INT8|FP32, 53 tokens count|INT8, 53 tokens count|a training step, 16 x 128", names, "|")
  wanted["FP32"] = "0.80"; wanted["INT8"] = "0.60"; wanted[names[5]] = "1.10"
  for (t = 1; t <= most; t++) {
    printf "\n%-28s %12s %12s %14s %18s  %s\n", t == 1 ? "one thread" : t " threads (wall time)", "qrepl", "PyTorch", "ONNX Runtime", "qrepl/best peer", "wanted"
    for (i = 1; i <= count; i++) {
      name = names[i]
      if (!(name in seen)) continue
      least = best(t, name)
      printf "%-28s %12s %12s %14s %18s  %s\n", name, ms(t, name, "qrepl"), ms(t, name, "PyTorch"), ms(t, name, "ONNX Runtime"),
        least ? sprintf("%.2f", time[t, name, "qrepl"] / least) : "-", name in wanted ? "at most " wanted[name] : ""
    }
  }
  if (most < 2) exit
  printf "\n%-28s %12s %12s %14s\n", "times as fast with two", "qrepl", "PyTorch", "ONNX Runtime"
  for (i = 1; i <= count; i++) {
    name = names[i]
    if (!(name in seen)) continue
    printf "%-28s", name
    for (j = 1; j <= 3; j++) {
      w = j == 1 ? "qrepl" : j == 2 ? "PyTorch" : "ONNX Runtime"
      both = ((1, name, w) in time) && ((2, name, w) in time)
      printf " %*s", j == 3 ? 14 : 12, both ? sprintf("%.2f", time[1, name, w] / time[2, name, w]) : "-"
    }
    printf "\n"
  }
}
