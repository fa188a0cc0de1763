# SPDX-License-Identifier: GPL-2.0
# Shared by the scripts in this directory: messages, the cache, locks, and pieces that are complete or absent.
# Meant to be sourced by bash scripts that run under `set -euo pipefail`.
# shellcheck shell=bash disable=SC2034 # some variables are for the scripts that source this

readonly SERIES=7.3 SUITE=trixie DEBIAN=13

SCRIPT=scripts/${0##*/}
PROJECT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
CACHE=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/anycast6
readonly SCRIPT PROJECT CACHE

say() { printf '%s: %s\n' "$SCRIPT" "$*" >&2; }
die() { printf '%s: error: %s\n' "$SCRIPT" "$*" >&2; exit 1; }

[[ $CACHE == /* ]] || die "XDG_CACHE_HOME must be an absolute path, not ${XDG_CACHE_HOME-}: set it to one or unset it"

# step N/M TEXT: announces one of the numbered steps of a long job.
step() { printf '%s: [%s] %s\n' "$SCRIPT" "$1" "${*:2}" >&2; }

# usage_if_asked ARGUMENTS: prints the comment block at the top of the calling script.
usage_if_asked() {
	[[ ${1-} == -h || ${1-} == --help ]] || return 0
	sed -n '3,/^[^#]/{s/^# \{0,1\}//p}' "$0"
	exit 0
}

# ---- requirements of the machine ----

require_arch() {
	[[ $(uname -m) == x86_64 ]] ||
		die "this machine is $(uname -m); the kernel and the module are for x86_64: use an x86_64 machine"
}

require_root() {
	[[ $EUID -eq 0 ]] || die "root is needed to set up and enter the build root: run this as root, or with sudo"
}

require_namespaces() {
	unshare --mount --pid --fork true 2>/dev/null ||
		die "cannot make a mount namespace: in a container give it CAP_SYS_ADMIN (docker run --privileged), or use a real machine or VM"
}

# os_release NAME: a value of this machine's os-release file.
os_release() { sed -n "s/^$1=//p" /etc/os-release 2>/dev/null | tr -d '"' | head -n 1; }

# host_debian: the Debian release of this machine (12, 13), or nothing when it is not Debian.
host_debian() {
	[[ $(os_release ID) != debian ]] || os_release VERSION_ID
}

# newest_release ROOT: the newest kernel of our series with image, modules, headers and source in ROOT.
newest_release() {
	local headers release
	for headers in $(printf '%s\n' "${1%/}/usr/src/linux-headers-$SERIES."*+deb"$DEBIAN"*-amd64 | sort -rV); do
		release=${headers##*/linux-headers-}
		if [[ -e ${1%/}/usr/lib/modules/$release/vmlinuz && -e ${1%/}/usr/lib/modules/$release/modules.dep &&
			-e ${1%/}/usr/src/linux-source-$SERIES.tar.xz ]]; then
			echo "$release"
			return
		fi
	done
}

# require_space GIB: fails unless the cache has this much room.
require_space() {
	local free_mib
	mkdir -p "$CACHE" 2>/dev/null || die "cannot create $CACHE: set XDG_CACHE_HOME to a directory that can be written"
	free_mib=$(df --output=avail -BM "$CACHE" | tail -n 1 | tr -dc 0-9)
	[[ $free_mib -ge $(($1 * 1024)) ]] ||
		die "$CACHE has $((free_mib / 1024)) GiB free, $1 GiB are needed: make room, or set XDG_CACHE_HOME to a bigger disk"
}

# ---- locks: held until the script and everything it started have ended ----

# lock_file PATH WHAT: waits until no other run works on WHAT.
lock_file() {
	local fd
	# A failed exec would end the script with a message of bash.
	(: >>"$1") 2>/dev/null || die "cannot write $1: run this as its owner, or remove it"
	exec {fd}>>"$1"
	flock --nonblock "$fd" && return
	say "another run is working on $2; waiting for it to finish"
	flock "$fd"
}

# hold PIECE: nobody removes this finished piece while the script runs.
hold() {
	local fd
	exec {fd}<"$1" && flock --shared "$fd"
}

# ---- pieces: directories in the cache that are complete or absent ----
# A piece grows in tmp.NAME and gets its name by one rename. Call these functions with the lock of the piece held.

# begin_piece NAME: removes leftovers of interrupted runs, and prints the directory in which to make the piece.
begin_piece() {
	remove_tree "$CACHE"/tmp."${1%%-*}"-*
	printf '%s\n' "$CACHE/tmp.$1"
}

# resume_piece NAME: the same, but keeps what an interrupted run left of this piece, so that the run can be continued. Not
# after a restart of the machine: files that had not reached the disk may look finished.
resume_piece() {
	local tmp=$CACHE/tmp.$1 boot
	boot=$(</proc/sys/kernel/random/boot_id)
	if [[ ! -e $tmp || $(cat "$tmp.boot" 2>/dev/null || true) != "$boot" ]]; then
		begin_piece "$1" >/dev/null
		echo "$boot" >"$tmp.boot"
	fi
	printf '%s\n' "$tmp"
}

# finish_piece NAME: syncs the piece to disk and then gives it its name. Removes an earlier piece of that name, and
# unused ones of the same kind (NAME up to its first dash).
finish_piece() {
	local piece
	sync --file-system "$CACHE/tmp.$1"
	if [[ -d $CACHE/$1 ]]; then
		remove_piece "$1" || die "$CACHE/$1 is in use, so it cannot be replaced: stop the programs that use it and try again"
	fi
	mv --no-target-directory "$CACHE/tmp.$1" "$CACHE/$1"
	rm -f "$CACHE/tmp.$1.boot"
	for piece in "$CACHE/${1%%-*}"-*; do
		[[ $piece == "$CACHE/$1" ]] || remove_piece "${piece##*/}" || true
	done
}

# remove_piece NAME: removes it unless a script holds it.
remove_piece() {
	local fd
	exec {fd}<"$CACHE/$1"
	flock --nonblock "$fd" || return
	say "removing the outdated $1"
	mv "$CACHE/$1" "$CACHE/tmp.${1%%-*}-old"
	exec {fd}<&-
	remove_tree "$CACHE/tmp.${1%%-*}-old"
}

remove_tree() { rm -rf --one-file-system -- "$@"; }

# contained COMMAND ...: becomes COMMAND. It ends with its parent, even after kill -9, and so do its children and
# mounts. In a subshell the parent is the script.
contained() {
	exec setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --mount-proc "$@"
}

# count_progress PATTERN WHAT TOTAL: copies stdin to LOG and shows the number of matching lines now and then.
count_progress() {
	local line last=$SECONDS count=0
	while IFS= read -r line; do
		printf '%s\n' "$line" >>"$LOG"
		# shellcheck disable=SC2053 # a pattern
		[[ $line != $1 ]] || count=$((count + 1))
		if ((SECONDS >= last + 10)); then
			last=$SECONDS
			say "  $count of about $3 $2"
		fi
	done
}

# logged LOG COMMAND ...: sends the output to LOG; shows its end if the command fails.
logged() {
	local log=$1
	shift
	"$@" >>"$log" 2>&1 && return
	tail -n 15 "$log" >&2
	return 1
}

# host_cargo COMMAND ARGUMENTS: runs cargo in the build root for the host tests, with the crates that Debian packages and
# without network. It writes only to build/host.
host_cargo() {
	mkdir -p "$PROJECT/build/host/.cargo"
	cp "$PROJECT/tests/host/Cargo.toml" "$PROJECT/build/host/Cargo.toml"
	cp "$PROJECT/tests/host/debian.toml" "$PROJECT/build/host/.cargo/config.toml"
	(cd "$PROJECT/build/host" && "$PROJECT/scripts/buildroot" -- \
		env "PROPTEST_CASES=${PROPTEST_CASES:-256}" cargo "$@")
}
