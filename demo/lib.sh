# SPDX-License-Identifier: GPL-2.0
# The demo's tools: titles, explanations, commands with their real output, and checks of that output.
# Meant to be sourced by demo/run.
# shellcheck shell=bash

PROVEN=0 OUTPUT='' STATUS=0

title() { printf '\n=== %s ===\n\n' "$*"; }

tell() { fmt -w 100 <<<"$*"; }

# typed HOST COMMAND ...: shows the prompt and the command as a reader would type it.
typed() {
	local host=$1 word line=''
	shift
	if [[ $1 == sh ]]; then
		line=" $3"
	else
		for word; do
			[[ $word =~ ^[]A-Za-z0-9_.,:/=\&-]+$ ]] || word="'$word'"
			line+=" $word"
		done
	fi
	printf '\n  %s#%s\n' "$host" "$line"
}

# run HOST COMMAND ...: runs it on that host (main: the machine itself), and shows and keeps its output.
run() {
	local host=$1
	shift
	typed "$host" "$@"
	STATUS=0
	OUTPUT=$(on "$host" "$@" 2>&1) || STATUS=$?
	[[ -z $OUTPUT ]] || printf '%s\n' "$OUTPUT" | sed 's/^/    /'
}

# await HOST PATTERN COMMAND ...: waits up to half a minute for such output of COMMAND, and shows what came last.
await() {
	local host=$1 pattern=$2 tries=300
	shift 2
	until grep -Eq -- "$pattern" <<<"$(on "$host" "$@" 2>&1)"; do
		((tries-- > 0)) || break
		sleep 0.1
	done
	run "$host" "$@"
}

on() {
	if [[ $1 == main ]]; then
		"${@:2}"
	else
		ip netns exec "$@"
	fi
}

# holds TEXT CONDITION ...: reports TEXT if the condition holds; otherwise the demo ends here.
holds() {
	if "${@:2}"; then
		PROVEN=$((PROVEN + 1))
		printf '  [ok] %s\n' "$1"
		return
	fi
	printf '  [FAILED] %s\n\nThe demo failed here. The end of the kernel log:\n' "$1"
	dmesg | tail -n 15
	exit 1
}

succeeded() { [[ $STATUS -eq 0 ]]; }
shows() { grep -Eq -- "$1" <<<"$OUTPUT"; }
shows_not() { ! shows "$1"; }

# until_file_has FILE PATTERN: waits up to ten seconds for output of a program in the background.
until_file_has() {
	local tries=100
	until grep -Eq -- "$2" "$1" 2>/dev/null; do
		((tries-- > 0)) || return 1
		sleep 0.1
	done
}
