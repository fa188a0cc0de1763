# SPDX-License-Identifier: GPL-2.0
# Shared by scripts/kernel and scripts/kernel-debug, which make the build trees. Sourced after lib.sh. NAME is the piece
# that is being made, LOG its log file.
# shellcheck shell=bash

# Source that no build reads in either tree. Kconfig files and makefiles stay.
# shellcheck disable=SC2034 # for the scripts that source this
readonly UNREAD=(
	'Documentation/*/*' 'tools/testing/*' 'tools/perf/*'
	'arch/'{alpha,arc,arm,arm64,csky,hexagon,loongarch,m68k,microblaze,mips,nios2,openrisc,parisc,powerpc,riscv,s390,sh,sparc,xtensa}'/*.'{'[chS]','dts','dtsi'}
)

# Call this only in a subshell.
in_root() { exec "$PROJECT/scripts/buildroot" -- "$@"; }

# unpack_source PATTERN ...: unpacks the kernel's source without these patterns, about FILES files, into the growing piece.
unpack_source() {
	mkdir "$CACHE/tmp.$NAME"
	in_root tar --extract --verbose --xz --file "/usr/src/linux-source-$SERIES.tar.xz" --strip-components 1 \
		--directory "/cache/tmp.$NAME" --anchored "${@/#/--exclude=linux-source-$SERIES/}" |
		count_progress 'linux-source*' "files" "$FILES" || die "linux-source-$SERIES could not be unpacked: see $LOG"
}

config_value() { sed -n "s/^CONFIG_$1=\"\(.*\)\"$/\1/p" "$2"; }

fail() {
	tail -n 15 "$LOG" >&2
	die "$1: the lines above say why (whole log: $LOG)"
}
