# shellcheck shell=bash
# Sourced by the scripts of this directory: where things are, and which QEMU is ours.
# shellcheck disable=SC2034 # HERE and PROPERTIES are for the scripts that source this
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LAB=${NVMF_LAB:-$HOME/.cache/nvmf-kernel-lab}
RUN=${NVMF_LAB_RUN:-$LAB/run}
PROPERTIES=$RUN/lab.properties

die() {
  echo "kernel lab: $*" >&2
  exit 1
}

property() { [[ ! -f $PROPERTIES ]] || sed -n "s/^$1=//p" "$PROPERTIES"; }

# Prints the process id of the running lab. A stale file whose id now belongs to another process does not count.
lab_pid() {
  local pid
  pid=$(cat "$RUN/qemu.pid" 2>/dev/null) || return 1
  tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null | grep -qxF -- "$RUN/qemu.pid" && echo "$pid"
}
