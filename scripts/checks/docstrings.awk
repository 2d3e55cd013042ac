# Given every source twice, prints public declarations without a `///` comment above them. What a protocol of the sources or
# of the standard library asks for is documented there, and `init()` says all by itself.
FNR == 1 { documented = 0; inProtocol = 0; files[FILENAME]++ }
files[FILENAME] == 1 {
  if (/^(public |package |@[A-Za-z_]+ )*protocol /) inProtocol = 1
  if (/^}/) inProtocol = 0
  if (inProtocol) { name = member($0); if (name != "") asked[name] = 1 }
  next
}
/^[ \t]*\/\/\// { documented = 1; next }
# Attributes and plain comments may stand between the docstring and what it describes.
/^[ \t]*@[A-Za-z_]+(\([^)]*\))?[ \t]*$/ || /^[ \t]*\/\// || /^[ \t]*#(if|else|endif)/ { next }
{
  declaration = $0
  sub(/^[ \t]*(@[A-Za-z_]+(\([^)]*\))?[ \t]+)*/, "", declaration)
  if (declaration ~ /^((static|final|indirect|mutating|nonmutating|nonisolated|class|convenience|required|dynamic|weak|lazy)(\([a-z]*\))? )*(public|open) / && declaration !~ /(^| )override |^public (extension|import) |init\(\)/ && !documented &&
      !(member(declaration) in asked) && !standard(declaration))
    print FILENAME ":" FNR ":" $0
  documented = 0
}
# The name of a function or property, or an initializer up to its first label.
function member(d) {
  if (match(d, /(func|var|let|typealias) +[^ (:<=]+/)) { d = substr(d, RSTART, RLENGTH); sub(/^[a-z]+ +/, "", d); return d }
  if (match(d, /init[?]?(<[^(]*>)?\([A-Za-z_]+/)) { d = substr(d, RSTART, RLENGTH); sub(/<.*>/, "", d); return d }
  return ""
}
function standard(d) {
  return d ~ /(func (==|<|hash\(into|encode\(to|makeIterator|next\(\))|subscript\(position|init\((rawValue|from decoder|(dictionary|array|string|integer|float|boolean|nil)Literal))/ ||
    d ~ /(var|let) (description|debugDescription|rawValue|hashValue|startIndex|endIndex)([^A-Za-z]|$)/
}
