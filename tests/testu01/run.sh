#!/usr/bin/env bash
# TestU01 on woven streams: tests/testu01/run.sh (smallcrush | rabbit [LOG2_BITS] | crush FIRST LAST) [GENERATOR [ARRANGEMENT]]
#
# Writes results/BATTERY-GENERATOR-ARRANGEMENT.txt; exit 1 if a p-value lies outside [0.001, 0.999].
# TestU01 is Debian's libtestu01-0-dev, in its section non-free.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
target=${CARGO_TARGET_DIR:-$here/../../target}
battery=${1:?battery}; shift
case $battery in
    rabbit) log2=30; if [[ ${1:-} =~ ^[0-9]+$ ]]; then log2=$1; shift; fi
            battery_arguments=(rabbit $((1 << log2))); name=rabbit ;;
    crush) battery_arguments=(crush "$1" "$2"); name=crush-$1-$2; shift 2 ;;
    smallcrush) battery_arguments=(smallcrush); name=smallcrush ;;
    *) echo "run.sh: unknown battery $battery" >&2; exit 2 ;;
esac
generators=${1:-pcg32 philox}
arrangements=${2:-trajectories seeds swapped short reversed}

if [ -z "${WORDS:-}" ]; then
    cargo build --quiet --release -p polyak-tests --example words
    WORDS=$target/release/examples/words
fi
driver=$(mktemp)
trap 'rm -f "$driver"' EXIT
cc -O2 -Wall -I/usr/include/testu01 "$here/driver.c" -o "$driver" -ltestu01 -ltestu01probdist -ltestu01mylib -lm

beyond=0
mkdir -p "$here/results"
for generator in $generators; do
    for arrangement in $arrangements; do
        result=$here/results/$name-$generator-$arrangement.txt
        # The words never end: the writer is stopped by the closed pipe.
        if ("$WORDS" "$generator" "$arrangement" || true) |
            "$driver" "$generator-$arrangement" "${battery_arguments[@]}" > "$result.new"; then status=0; else status=$?; fi
        if [ "$status" -gt 1 ]; then rm -f "$result.new"; exit 3; fi
        # The time and the host's name differ from run to run and say nothing.
        sed -e '/CPU time/d' -e '/^Host/d' -e '/^HOST/d' "$result.new" > "$result"
        rm "$result.new"
        echo "$name $generator $arrangement: $(tail -n 1 "$result")"
        if [ "$status" -eq 1 ]; then beyond=1; fi
    done
done
exit $beyond
