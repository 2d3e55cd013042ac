# Reads `WHO<TAB>MODEL<TAB>BYTES<TAB>LOGITS`: a row a model and program, and how far the logits are from PyTorch's.
{ n = split($4, v, " "); bytes[$1, $2] = $3; for (i = 1; i <= n; i++) logit[$1, $2, i] = v[i] }
function apart(m,    i, d, most) {
  for (i = 1; i <= n; i++) { d = logit["qrepl", m, i] - logit["PyTorch", m, i]; if (d < 0) d = -d; if (d > most) most = d }
  return most
}
END {
  printf "%-10s %14s %14s %26s\n", "", "qrepl", "PyTorch", "logits apart by at most"
  for (k = 1; k <= 2; k++) {
    m = k == 1 ? "FP32" : "INT8"
    theirs = ("PyTorch", m) in bytes
    printf "%-10s %11d kB %14s %26s\n", m, bytes["qrepl", m] / 1000, theirs ? sprintf("%d kB", bytes["PyTorch", m] / 1000) : "-", theirs ? sprintf("%.1e", apart(m)) : "-"
  }
}
