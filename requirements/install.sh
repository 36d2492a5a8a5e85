#!/usr/bin/env bash
# Makes an environment, and installs a lock into it where one is named: `requirements/install.sh .venv serve`.
# Whatever stands in the way is told in one line with what to do; what the tools said is in .venv/setup.log.
#
# Read from the environment, each optional: PYTHON (what the environment is made of), UV_TORCH_BACKEND (the build of
# PyTorch: cpu, auto, cu126, ...), UV_FIND_LINKS (a folder of wheels), SETUP_DISK_GB (least free room; 0 for any).
set -euo pipefail
cd "$(dirname "$0")/.."
venv=$1 lock=${2:-} log=$1/setup.log
# Triton's stub for Python is built for numpy 1, of which there are no wheels for Python 3.13.
supported="3.11 3.12"

fail() { echo "set-up: $*" >&2; exit 1; }

version_of() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || true; }

is_supported() { [[ -n $1 && " $supported " == *" $1 "* ]]; }

choose_python() {
  local candidate seen=""
  local advice="install Python 3.11 (Debian: apt-get install python3.11 python3.11-venv), or name one: make PYTHON=/path/to/python3.11"
  for candidate in ${PYTHON:-python3 python3.11 python3.12}; do
    local version; version=$(version_of "$candidate")
    if is_supported "$version"; then command -v "$candidate"; return; fi
    [[ -n $version ]] && seen+="${seen:+, }$candidate is $version"
  done
  fail "Python ${supported// / or } is needed, and ${seen:-there is none}: $advice"
}

check_room() {
  local least=${SETUP_DISK_GB:-5} free
  free=$(df -Pk . | awk 'NR == 2 {print int($4 / 1048576)}')
  (( free >= least )) || fail "$PWD has $free GB of free room, and the environment takes $least: make room, or say SETUP_DISK_GB=0 to try"
}

# The index of a named build has to be reached even where a folder holds that very wheel: it is named only at need.
choose_torch() {
  [[ -z ${UV_TORCH_BACKEND:-} ]] || return 0
  local version kind="" folder
  version=$(sed -n 's/^torch==//p' requirements/torch.txt)
  if nvidia-smi -L >/dev/null 2>&1; then kind="+cu"; fi
  for folder in ${UV_FIND_LINKS//,/ }; do
    if compgen -G "$folder/torch-$version$kind*-cp$("$venv/bin/python" -c 'import sys; print("%d%d" % sys.version_info[:2])')-*.whl" >/dev/null; then return 0; fi
  done
  if [[ -n $kind ]]; then export UV_TORCH_BACKEND=auto; else export UV_TORCH_BACKEND=cpu; fi
}

make_venv() {
  local python; python=$(choose_python) || exit 1
  "$python" -c 'import venv, ensurepip' 2>/dev/null ||
    fail "$python has no module venv: apt-get install python$(version_of "$python")-venv (or install pip's ensurepip with it)"
  check_room
  "$python" -m venv "$venv" || fail "no environment could be made in $PWD/$venv: is the folder writable?"
  "$venv/bin/python" -m pip install --disable-pip-version-check --retries 1 uv >"$log" 2>&1 ||
    fail "uv could not be fetched: connect to a package index, or name yours (PIP_INDEX_URL, UV_INDEX_URL) or a folder of wheels (PIP_FIND_LINKS, UV_FIND_LINKS); see $log"
}

# uv does not read pip's configuration: hand it a local folder of wheels where pip knows one.
find_links() {
  [[ -n ${UV_FIND_LINKS:-} ]] || UV_FIND_LINKS=$("$venv/bin/python" -m pip config get global.find-links 2>/dev/null || true)
  export UV_FIND_LINKS
}

uv() {
  "$venv/bin/uv" pip install --quiet --python "$venv/bin/python" "$@" >>"$log" 2>&1 && return
  local address; address=$(sed -n 's/.*Failed to fetch: *`*\([^` ]*\).*/\1/p' "$log" | tail -n 1)
  [[ -z $address ]] ||
    fail "$address could not be fetched: connect to it, or name an index (UV_INDEX_URL) or a folder (UV_FIND_LINKS) that has the wheels of Python $(version_of "$venv/bin/python"); see $log"
  fail "$(tail -n 1 "$log"); all that was said: $log"
}

# A home that cannot be written, as in some containers, keeps no cache: the environment does.
[[ -w ${XDG_CACHE_HOME:-${HOME:-/}} ]] || export UV_CACHE_DIR=${UV_CACHE_DIR:-$PWD/$venv/cache} PIP_NO_CACHE_DIR=1

[[ -x $venv/bin/uv ]] || make_venv
is_supported "$(version_of "$venv/bin/python")" ||
  fail "$venv is made of Python $(version_of "$venv/bin/python"), and ${supported// / or } is needed: remove the folder and run this again"
[[ -n $lock ]] || exit 0
find_links
choose_torch
echo "set-up: $(version_of "$venv/bin/python" | sed 's/^/Python /'), PyTorch ${UV_TORCH_BACKEND:-of $UV_FIND_LINKS}; this takes minutes" >&2
: >"$log"
uv -r requirements/torch.txt
uv --no-deps -r "requirements/$lock.txt"
unset UV_TORCH_BACKEND
uv --no-deps --target "$venv/share/triton-stub" -r requirements/triton-stub.txt
