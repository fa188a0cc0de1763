# SPDX-License-Identifier: GPL-2.0
# Shared by scripts/check, which asks the formatters and linters, and scripts/fmt, which lets them write: the names on
# their command lines, which files there are, and how each tool is run. Sourced after lib.sh; the tools are run in PROJECT.
# shellcheck shell=bash disable=SC2034 # some variables are for the scripts that source this

# choose KIND ALL [NAME ...]: sets CHOSEN to the names given, or to those in ALL. Each has a function KIND_NAME.
choose() {
	local kind=$1 name
	read -ra CHOSEN <<<"$2"
	shift 2
	[[ $# -eq 0 ]] || CHOSEN=("$@")
	for name in "${CHOSEN[@]}"; do
		[[ $(type -t "${kind}_$name") == function ]] || die "there is no $kind $name: see --help"
	done
}

# find_kernel: sets KERNEL_TREE, the kernel tree whose settings count, and TREE, the same as the build root sees it.
find_kernel() {
	KERNEL_TREE=$("$PROJECT/scripts/kernel" --print-dir)
	TREE=/cache/${KERNEL_TREE##*/}
}

# sources PATTERN ...: the project's files of these names.
sources() {
	local names=() pattern
	for pattern; do
		names+=(-o -name "$pattern")
	done
	find . \( -path ./build -o -path ./.git \) -prune -o -type f \( "${names[@]:1}" \) -print | sort
}

shell_scripts() { grep -lE '^#!/bin/(ba)?sh|^# shellcheck shell=' --recursive --exclude-dir=.git --exclude-dir=build . | sort; }

# get_ruff: sets RUFF, its path. pip compares what it downloads with the hash.
get_ruff() {
	local name list=$PROJECT/scripts/requirements.txt pip
	name=ruff-$(sha256sum <"$list" | cut -c1-12)
	RUFF=$CACHE/$name/bin/ruff
	[[ ! -x $RUFF ]] || return 0
	lock_file "$CACHE/ruff.lock" "ruff"
	[[ ! -x $RUFF ]] || return 0
	say "installing ruff from PyPI (log: $CACHE/ruff.log)"
	rm -f "$CACHE/ruff.log"
	# This machine's pip knows its index and its proxies best.
	pip=(python3 -m pip)
	"${pip[@]}" --version >/dev/null 2>&1 || pip=("$PROJECT/scripts/buildroot" -- python3 -m pip)
	begin_piece "$name" >/dev/null
	if [[ ${pip[0]} == python3 ]]; then
		logged "$CACHE/ruff.log" "${pip[@]}" install --no-deps --require-hashes --only-binary :all: --target "$CACHE/tmp.$name" --requirement "$list"
	else
		logged "$CACHE/ruff.log" "${pip[@]}" install --no-deps --require-hashes --only-binary :all: --target "/cache/tmp.$name" --requirement scripts/requirements.txt
	fi || die "ruff could not be installed from PyPI: check the network and its proxy, see the lines above"
	finish_piece "$name"
}

# rustfmt_all ARGUMENTS ...: over all Rust.
rustfmt_all() {
	sources '*.rs' | xargs "$PROJECT/scripts/buildroot" -- rustfmt --edition 2021 --config-path "$TREE/.rustfmt.toml" "$@"
}

# ruff_all COMMAND ARGUMENTS ...: over all Python.
ruff_all() { get_ruff && "$RUFF" "$1" --no-cache --quiet "${@:2}" .; }

# checkpatch_all ARGUMENTS ...: over all C. Exports of functions written in Rust follow no definition in C, and tracepoints
# are not laid out like functions. The kernel's generator of netlink policies writes long lines, there as here.
checkpatch_all() {
	sources '*.c' '*.h' | grep -v -e '/trace\.h$' -e '/netlink-gen\.c$' | checkpatch --ignore EXPORT_SYMBOL "$@" &&
		checkpatch --ignore PARENTHESIS_ALIGNMENT,OPEN_ENDED_LINE "$@" <<<src/bindings/trace.h &&
		checkpatch --ignore LONG_LINE "$@" <<<src/bindings/netlink-gen.c
}

# checkpatch ARGUMENTS ...: over the files named on standard input.
checkpatch() {
	xargs "$PROJECT/scripts/buildroot" -- perl "$TREE/scripts/checkpatch.pl" --no-tree --terse --no-summary --show-types "$@" --file
}
