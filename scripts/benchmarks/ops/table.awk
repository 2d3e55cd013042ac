# Reads medians, the list of ops and the list of cases: a row an op, a column a size, then the geometric means of the ratios.
function text(v) {
  if (v >= 1) return sprintf("%.2f s", v)
  if (v >= 1e-3) return sprintf("%.2f ms", v * 1e3)
  if (v >= 1e-6) return sprintf("%.2f us", v * 1e6)
  return sprintf("%.0f ns", v * 1e9)
}
function ratio(name) {
  return ((name, "qrepl") in median && (name, "PyTorch") in median) ? median[name, "PyTorch"] / median[name, "qrepl"] : 0
}
function cell(name) {
  if (!((name, "qrepl") in median)) return sprintf("%24s", "-")
  return sprintf("%12s %11s", text(median[name, "qrepl"]), ratio(name) ? sprintf("%.2f", ratio(name)) : "-")
}
BEGIN { count = split("8 4096 4194304", sizes, " ") }
FNR == 1 { file++ }
file == 1 { median[$1, $2] = $3; next }
file == 2 && !/^#/ {
  split($0, part, " ;; ")
  row = sprintf("%-16s", part[1])
  any = 0
  for (i = 1; i <= count; i++) {
    name = part[1] " @" sizes[i]
    row = row cell(name)
    if ((name, "qrepl") in median) any = 1
    if (ratio(name)) {
      logs[i] += log(ratio(name))
      n[i]++
      if (ratio(name) < 0.5) slow = slow sprintf("%s%s %.2f", slow ? ", " : "", name, ratio(name))
    }
  }
  if (any && !headed++) {
    printf "%-16s", ""
    for (i = 1; i <= count; i++) printf "%12s %11s", sizes[i], "PyT./qrepl"
    printf "\n"
  }
  if (any) print row
}
file == 3 && !/@/ { rest[++others] = $0 }
END {
  wanted[1] = 1.5; wanted[2] = 1; wanted[3] = 0.9
  for (i = 1; i <= count; i++)
    if (n[i]) printf "geometric mean of %d ops at %s elements: %.2f (wanted: %.1f)\n", n[i], sizes[i], exp(logs[i] / n[i]), wanted[i]
  if (slow) print "under 0.5: " slow
  for (k = 1; k <= others; k++) printf "%-40s%s\n", rest[k], cell(rest[k])
}
