# What qrepl, test, install and bench share: packages, toolchain, flags, and whether there is anything to build.
# Sourced by them. Everything is said on stderr: stdout belongs to the program.

root=$(cd -- "${BASH_SOURCE[0]%/*}/.." && pwd -P)
program=$root/.build/release/qrepl
stamp=$root/.build/qrepl.stamp

say() { printf 'qrepl: %s\n' "$*" >&2; }
fail() { say "$@"; exit 1; }

# The stamp is as old as the start of the last good build. It names the checkout, because a build folder does not survive
# being moved, and the Swift runtime the binary was linked to, because that may be upgraded away.
needs_build() {
  local built_in runtime
  [[ -x $program && -f $stamp ]] || return 0
  { IFS= read -r built_in && IFS= read -r runtime; } <"$stamp" || return 0
  [[ $built_in == "$root" && -e $runtime ]] || return 0
  [[ -n $(find "$root/Package.swift" "$root/Sources" "$root/scripts/build.sh" "$root/scripts/packages.txt" \
    -newer "$stamp" -print -quit) ]]
}

# missing_packages FILE: those of the packages it lists.
missing_packages() {
  local name state
  while IFS= read -r name; do
    [[ -z $name || $name == '#'* ]] && continue
    state=$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null) || state=
    [[ $state == installed ]] || printf '%s\n' "$name"
  done <"$1"
}

# require_packages [FILE]: installs what is missing of the packages it lists; without a file, of what qrepl itself needs.
require_packages() {
  local list=${1-$root/scripts/packages.txt}
  if ! command -v dpkg-query >/dev/null; then
    say "no dpkg here, so these packages are taken to be there under whatever name:" \
      "$(grep -v '^#' "$list" | tr '\n' ' ')"
    return
  fi
  local missing privilege=()
  mapfile -t missing < <(missing_packages "$list")
  ((${#missing[@]})) || return 0
  if ((EUID != 0)); then
    if ! sudo -n true 2>/dev/null; then
      say "these Debian packages are missing, and installing them needs rights this user has not. Please run:"
      printf '  sudo apt-get update && sudo apt-get install --yes --no-install-recommends %s\n' "${missing[*]}" >&2
      exit 1
    fi
    privilege=(sudo -n)
  fi
  say "installing Debian packages: ${missing[*]}"
  # Another installation may be under way: its lock is worth two minutes.
  local apt=("${privilege[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120)
  local install=("${apt[@]}" install --yes --no-install-recommends "${missing[@]}")
  # A fresh machine has no package lists; one with lists need not fetch them again unless they prove too old.
  if ! apt-cache show "${missing[@]}" &>/dev/null; then
    "${apt[@]}" update >&2 || true
    "${install[@]}" >&2 || fail "apt-get could not install ${missing[*]}"
  else
    "${install[@]}" >&2 || { "${apt[@]}" update >&2 && "${install[@]}" >&2; } || fail "apt-get could not install ${missing[*]}"
  fi
}

# Sets `swift_version`, such as 6.3.
require_swift() {
  command -v swift >/dev/null || fail "no \`swift\` on the PATH. qrepl is built with a Swift 6 toolchain, from 6.2 on: see swift.org/install"
  local text
  text=$(swift --version 2>&1) || fail "\`swift --version\` fails: $text"
  [[ $text =~ Swift\ version\ ([0-9]+)\.([0-9]+) ]] || fail "\`swift --version\` says no version: $text"
  swift_version=${BASH_REMATCH[1]}.${BASH_REMATCH[2]}
  # Swift 6.2 brought the arrays of fixed size that shapes are made of.
  ((BASH_REMATCH[1] * 100 + BASH_REMATCH[2] >= 602)) ||
    fail "Swift $swift_version is too old: qrepl is built with a Swift 6 toolchain from 6.2 on, see swift.org/install"
}

# Sets `flags`. Everybody builds with the same, or SwiftPM would compile everything anew for each.
# Warnings are errors on the compiler the code is written with; a newer one may warn of more, and users should not suffer for it.
set_flags() {
  flags=(--package-path "$root" -c release --explicit-target-dependency-import-check error)
  if [[ $swift_version == "$(<"$root/.swift-version")" ]]; then
    flags+=(-Xswiftc -warnings-as-errors)
  else
    say "this is Swift $swift_version and not $(<"$root/.swift-version"): warnings are not errors"
  fi
}

# build WHAT OPTIONS…: sees to what a build needs, says what it makes, builds with SwiftPM and renews the stamp.
build() {
  local what=$1
  shift
  require_swift
  require_packages
  set_flags
  if [[ -f $stamp ]] && [[ $(head -n 1 "$stamp") != "$root" ]]; then
    say "the checkout has moved, so what was built before is of no use"
    rm -rf "$root/.build"
  fi
  if [[ -f $stamp ]]; then
    say "building $what anew with the changes since"
  else
    say "building $what for the first time, with $(nproc) processors; this takes some minutes"
  fi
  mkdir -p "$root/.build"
  local started=$stamp.$$ when
  : >"$started"
  swift build "${flags[@]}" "$@" >&2 || { rm -f "$started"; fail "the build failed"; }
  when=$(stat -c %y "$started")
  printf '%s\n' "$root" "$(swift_runtime)" >"$started"
  # Sources that changed while they were compiled are newer than this.
  touch -d "$when" "$started"
  mv -f "$started" "$stamp"
  say "built"
}

# The file of Swift's runtime that the program is linked to, or / where it holds the runtime in itself.
swift_runtime() {
  ldd "$program" | awk '/libswiftCore/ { file = $3 } END { print file ? file : "/" }'
}

build_program() {
  ! needs_build || build "qrepl" --product qrepl
}
