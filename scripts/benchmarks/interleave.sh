# Measures the same cases in two living processes by turns, so that whatever else the machine does falls on both alike.
# Sourced by scripts/bench, which sets `program`, `python` (may be empty), `rounds` and `benchmarks`.
#
# A worker prints the names of its cases, one a line, then `ready`. For each name it then reads it answers with the seconds
# of processor that one call takes, and how many calls it made. worker.lua and worker.py do that. Where `wall` is set, the
# clock on the wall counts instead: that is what several threads are for.

scratch=$(mktemp -d)
workers=()
stop_workers() {
  # End of input ends a worker.
  exec 3>&- 4<&- 5>&- 6<&- 7>&- 8<&-
  ((${#workers[@]} == 0)) || wait "${workers[@]}" || true
  workers=()
}
finish() {
  stop_workers
  rm -rf "$scratch"
}
trap finish EXIT

# start_worker IN OUT COMMAND…: IN and OUT are the descriptors to write to and to read from.
start_worker() {
  local to=$1 from=$2
  shift 2
  rm -f "$scratch/to$to" "$scratch/from$from"
  mkfifo "$scratch/to$to" "$scratch/from$from"
  # A worker that held the other one's pipes would keep it from ever seeing the end of its input.
  "$@" <"$scratch/to$to" >"$scratch/from$from" 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- &
  workers+=($!)
  eval "exec $to>\"\$scratch/to$to\" $from<\"\$scratch/from$from\""
}

# read_cases FROM: the names a worker announces.
read_cases() {
  local line
  while IFS= read -r line <&"$1"; do
    [[ $line == ready ]] && return
    printf '%s\n' "$line"
  done
  fail "a worker of the benchmark ended before it was ready"
}

# ask IN OUT WHO CASE: adds a measurement to the results.
ask() {
  local seconds calls before after
  # Threads that wait for the next piece of work by looking for it are asleep after that, and disturb nobody else's.
  [[ -z ${wall-} ]] || sleep 0.3
  before=$EPOCHREALTIME
  printf '%s\n' "$4" >&"$1"
  IFS=' ' read -r seconds calls <&"$2" || fail "$3's worker ended while it measured $4"
  after=$EPOCHREALTIME
  if [[ -n ${wall-} ]]; then printf -v seconds '(%s-%s)/%s' "$after" "$before" "$calls"; fi
  printf '%s\t%s\t%s\n' "${label-}$4" "$3" "$seconds" >>"$scratch/results"
}

# interleave FOLDER: runs the folder's qrepl.lua and pytorch.py, `rounds` times every case of each. Cases that only one of
# them has are left out where `partial` is set. `label` stands before the cases' names in the results. A third program joins in
# where `third` has its name and command; it has the same cases.
interleave() {
  local cases name round turn side sides=(qrepl)
  start_worker 3 4 "$program" "$1/qrepl.lua"
  [[ -z $python ]] || start_worker 5 6 "$python" "$1/pytorch.py"
  [[ -z ${third-} ]] || start_worker 7 8 "${third[@]:1}"
  read_cases 4 >"$scratch/cases"
  mapfile -t cases <"$scratch/cases"
  if [[ -n $python ]]; then
    read_cases 6 >"$scratch/theirs"
    if [[ -n ${partial-} ]]; then
      grep -vxFf "$scratch/cases" "$scratch/theirs" >"$scratch/missing" || true
    else
      diff "$scratch/cases" "$scratch/theirs" >&2 || fail "qrepl.lua and pytorch.py have different cases"
    fi
  fi
  [[ -z $python ]] || sides+=(PyTorch)
  if [[ -n ${third-} ]]; then
    read_cases 8 | diff "$scratch/cases" - >&2 || fail "$third and qrepl.lua have different cases"
    sides+=("$third")
  fi
  for ((round = 1; round <= rounds; round++)); do
    for name in "${cases[@]}"; do
      # Who goes first changes from round to round.
      for ((turn = 0; turn < ${#sides[@]}; turn++)); do
        side=${sides[(turn + round) % ${#sides[@]}]}
        case $side in
          qrepl) ask 3 4 qrepl "$name" ;;
          PyTorch) ask 5 6 PyTorch "$name" ;;
          *) ask 7 8 "$side" "$name" ;;
        esac
      done
    done
    [[ ! -t 2 ]] || printf '\rround %d of %d ' "$round" "$rounds" >&2
  done
  [[ ! -t 2 ]] || printf '\r\033[K' >&2
  stop_workers
}

# time_runs CASE WHO COMMAND…: adds the wall time of one run of a command.
time_runs() {
  local name=$1 who=$2 before after
  shift 2
  before=$EPOCHREALTIME
  "$@" >/dev/null
  after=$EPOCHREALTIME
  awk -v name="$name" -v who="$who" -v a="$before" -v b="$after" 'BEGIN { printf "%s\t%s\t%.9f\n", name, who, b - a }' >>"$scratch/results"
}

# medians: of every case on both sides, into a file of that name. A time may be written (after-before)/calls.
medians() {
  awk -F '\t' -v OFS='\t' '
    { if (split($3, t, "[-()/]") > 1) $3 = sprintf("%.12f", (t[2] - t[3]) / t[5]); print }' "$scratch/results" |
    sort -t $'\t' -k 1,2 -k 3g | awk -F '\t' -v OFS='\t' '
    function flush() { if (n) print key, v[int((n + 1) / 2)]; n = 0 }
    { if ($1 OFS $2 != key) flush(); key = $1 OFS $2; v[++n] = $3 }
    END { flush() }' >"$scratch/medians"
}

# report: reads `case<TAB>wanted` lines; prints a table of the cases' medians. A case `a / b` is the ratio of two.
report() {
  medians
  awk -F '\t' -v both="${python:+1}" '
    function text(v) {
      if (v >= 1) return sprintf("%.2f s", v)
      if (v >= 1e-3) return sprintf("%.2f ms", v * 1e3)
      if (v >= 1e-6) return sprintf("%.1f us", v * 1e6)
      return sprintf("%.0f ns", v * 1e9)
    }
    FNR == NR { median[$1, $2] = $3; next }
    function value(name, who,    part) {
      if ((name, who) in median) return text(median[name, who])
      if (split(name, part, " / ") == 2 && (part[1], who) in median) return sprintf("%.2f", median[part[1], who] / median[part[2], who])
      return "-"
    }
    FNR == 1 && both { printf "%-36s %12s %12s %10s  %s\n", "", "qrepl", "PyTorch", "PyT./qrepl", "wanted" }
    FNR == 1 && !both { printf "%-36s %12s  %s\n", "", "qrepl", "wanted" }
    {
      ratio = (($1, "qrepl") in median && ($1, "PyTorch") in median) ? sprintf("%.2f", median[$1, "PyTorch"] / median[$1, "qrepl"]) : "-"
      if (both) printf "%-36s %12s %12s %10s  %s\n", $1, value($1, "qrepl"), value($1, "PyTorch"), ratio, $2
      else printf "%-36s %12s  %s\n", $1, value($1, "qrepl"), $2
    }' "$scratch/medians" -
}

# describe: what was measured on what.
describe() {
  printf '%s' "$("$program" -v -e '')"
  [[ -z $python ]] || printf ', PyTorch %s' "$("$python" -c 'import torch; print(torch.__version__)')"
  printf '; %s; load %s\n' "$(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -n 1)" "$(cut -d ' ' -f 1-3 /proc/loadavg)"
  printf '%s, medians of %d rounds by turns\n' "${threads:-one thread each}" "$rounds"
}

# time_step IN OUT WHO: the wall time of one step of a worker that answers a line by a line.
time_step() {
  local before after answer
  before=$EPOCHREALTIME
  printf 'step\n' >&"$1"
  IFS= read -r answer <&"$2" || fail "$3's worker ended while it was measured"
  after=$EPOCHREALTIME
  printf '%s\t%s\t(%s-%s)/1\n' "a training step of the word model" "$3" "$after" "$before" >>"$scratch/results"
}
