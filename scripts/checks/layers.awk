# Reads layers.txt, then Package.swift; prints where a target depends on what its row does not list.
FNR == NR {
  if (/^#/ || !NF) next
  name = $1
  if (name !~ /:$/) { print "scripts/layers.txt:" FNR ": not `target: imports`"; next }
  sub(/:$/, "", name)
  known[name] = 1
  for (i = 2; i <= NF; i++) {
    import = $i
    whole = sub(/\+$/, "", import)
    if (!(import in known) || import == name) print "scripts/layers.txt:" FNR ": " name " names " import ", which is not above it"
    may[name, import] = 1
    if (whole) for (pair in may) { split(pair, part, SUBSEP); if (part[1] == import) inherited[part[2]] = 1 }
    for (below in inherited) { may[name, below] = 1; delete inherited[below] }
  }
  next
}
{ sub(/^[ \t]*\/\/.*/, ""); text = text " " $0 }
END {
  gsub(/\.product\([^)]*\)/, "", text)
  count = split(text, targets, /\.(target|executableTarget|systemLibrary|testTarget)\(/)
  for (i = 2; i <= count; i++) {
    if (!match(targets[i], /name: *"[^"]*"/)) continue
    name = substr(targets[i], RSTART, RLENGTH); gsub(/name: *|"/, "", name)
    if (name ~ /Tests$/) continue
    if (!(name in known)) { print "Package.swift: " name " has no row in scripts/layers.txt"; continue }
    if (!match(targets[i], /dependencies: *\[[^]]*\]/)) continue
    list = substr(targets[i], RSTART, RLENGTH); sub(/dependencies: *\[/, "", list)
    parts = split(list, words, /"/)
    for (w = 2; w <= parts; w += 2) if (!((name, words[w]) in may)) print "Package.swift: " name " imports " words[w]
  }
}
