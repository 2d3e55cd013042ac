# Reads `WHO<TAB>FP32 LOSS MS`, `WHO<TAB>INT8 LOSS MS` and `WHO<TAB>peak KB`.
{ split($2, part, " "); value[$1, part[1]] = part[2]; if (!($1 in seen)) { seen[$1] = 1; who[++n] = $1 } }
END {
  printf "%-24s %12s %12s %14s %14s\n", "", "FP32", "INT8", "INT8 - FP32", "peak"
  for (i = 1; i <= n; i++) {
    w = who[i]
    printf "%-24s %12.6f %12.6f %14.6f %11.0f MB", w, value[w, "FP32"], value[w, "INT8"], value[w, "INT8"] - value[w, "FP32"], value[w, "peak"] / 1024
    if (w == "qrepl" && ("PyTorch", "peak") in value)
      printf "  %.2f of PyTorch's (wanted: at most 0.5)", value[w, "peak"] / value["PyTorch", "peak"]
    printf "\n"
  }
}
