# Prints what ends the program without a comment on its line or the line before that says why it cannot come to that.
FNR == 1 { before = "" }
{
  line = $0
  bare = line
  gsub(/"([^"\\]|\\.)*"/, "\"\"", bare)
  comment = match(bare, /\/\//) ? substr(bare, RSTART) : ""
  sub(/\/\/.*/, "", bare)
  if (bare ~ /(^|[^A-Za-z_.])(fatalError|preconditionFailure|assertionFailure)\(/ || bare ~ /(^|[^A-Za-z_])(try|as)!/ || bare ~ /[A-Za-z0-9_)\]]!([^=A-Za-z]|$)/)
    if (comment == "" && before !~ /^[ \t]*\/\//) print FILENAME ":" FNR ":" line
  before = line
}
