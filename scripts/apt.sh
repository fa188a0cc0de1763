# SPDX-License-Identifier: GPL-2.0
# Shared by the scripts that take packages from Debian's archive: the mirror and settings of this machine's apt, and a
# separate apt that knows only the suite we want. Sourced after lib.sh.
# shellcheck shell=bash

# ---- this machine's apt ----

# host_mirror RELEASE: the URI from which this machine takes Debian's RELEASE (bookworm, trixie-security), if any.
host_mirror() {
	local uri
	# shellcheck disable=SC2016 # apt's own placeholders
	uri=$(apt-get indextargets --format '$(ORIGIN)|$(RELEASE)|$(COMPONENT)|$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
		awk -F'|' -v release="$1" '$2 == release && $3 == "main" && ($1 == "Debian" || $1 ~ /^\$/) { print $4; exit }')
	if [[ $uri == mirror+file:* ]]; then
		# A list of mirrors, the form of Debian's cloud images.
		uri=$(awk '!/^#/ && NF { print $1; exit }' "${uri#mirror+file:}" 2>/dev/null || true)
	fi
	[[ $uri == *://* && $uri != cdrom:* ]] && printf '%s\n' "${uri%/}"
}

sources() {
	local code keyring main security
	code=$(os_release VERSION_CODENAME)
	for keyring in /usr/share/keyrings/debian-archive-keyring.{pgp,gpg}; do
		[[ -e $keyring ]] && break
	done
	main=${ANYCAST6_MIRROR:-$(host_mirror "$code" || echo http://deb.debian.org/debian)}
	security=$(host_mirror "$code-security" || echo http://deb.debian.org/debian-security)
	printf "deb [signed-by=$keyring] %s %s main\n" \
		"$main" "$SUITE" "$main" "$SUITE-updates" "$main" "$SUITE-backports" "$security" "$SUITE-security"
}

# acquire_settings: how this machine reaches its mirror, without settings that weaken verification.
acquire_settings() {
	apt-config dump | grep -E '^Acquire::((http|https|ftp|tor)::|(Check-Valid-Until|Check-Date|Retries|ForceIPv[46]|Queue-Mode)[: ])' |
		grep -v ' "";$' || true
	# Its Release files are verified like any others, but are as old as the snapshot.
	[[ ${ANYCAST6_MIRROR-} != *://snapshot.debian.org/* ]] || echo 'Acquire::Check-Valid-Until "false";'
	printf '%s\n' 'Acquire::AllowInsecureRepositories "false";' 'Acquire::AllowWeakRepositories "false";' \
		'APT::Get::AllowUnauthenticated "false";' 'APT::Install-Recommends "false";' 'Acquire::Languages "none";'
}

# ---- the archive's offer, by a separate apt ----

# begin_apt DIR: an apt that knows only our sources; APT_CONFIG makes apt-get and apt-cache use it.
begin_apt() {
	mkdir -p "$1"/{lists,cache,parts}
	sources >"$1/sources.list"
	: >"$1/status"
	{
		acquire_settings
		cat <<-CONF
			APT::Architecture "amd64";
			APT::Sandbox::User "root";
			Dir::Etc::Parts "$1/parts";
			Dir::Etc::Main "/dev/null";
			Dir::Etc::SourceList "$1/sources.list";
			Dir::Etc::SourceParts "$1/parts";
			Dir::Etc::PreferencesParts "$1/parts";
			Dir::Etc::Preferences "/dev/null";
			Dir::State "$1";
			Dir::State::Lists "$1/lists";
			Dir::State::status "$1/status";
			Dir::Cache "$1/cache";
		CONF
	} >"$1/apt.conf"
	export APT_CONFIG=$1/apt.conf
}

# apt_failed WHAT OUTPUT: ends with one line that gives cause and remedy, or with the end of OUTPUT if the cause is unknown.
apt_failed() {
	local why
	why=$(explain_apt "$2") || tail -n 15 "$2" >&2
	die "$1: $why"
}

explain_apt() {
	local mirror
	mirror=$(sources | awk 'NR == 1 { print $3 }')
	case $(grep -E '^(E|W|Err)' "$1") in
	*"does not have a Release file"* | *"  4"[0-9][0-9]"  "*)
		echo "$mirror lacks a part of $SUITE: choose another mirror with ANYCAST6_MIRROR" ;;
	*NO_PUBKEY* | *"not signed"* | *BADSIG* | *EXPKEYSIG* | *"Hash Sum mismatch"* | *"signature"*)
		echo "apt refuses what $mirror sends (verification failed): update debian-archive-keyring, or choose another mirror with ANYCAST6_MIRROR" ;;
	*"not valid yet"* | *"is expired"* | *"not yet valid"*)
		echo "apt considers the package lists of $mirror out of date: check this machine's clock, or choose another mirror with ANYCAST6_MIRROR" ;;
	*"No space left"*)
		echo "the disk of $CACHE is full: make room, or set XDG_CACHE_HOME to a bigger disk" ;;
	*resolv* | *onnect* | *"timed out"* | *unreachable* | *"Failed to fetch"*)
		echo "cannot reach $mirror: check the network, or apt's proxy (apt-config dump Acquire::http), or choose another mirror with ANYCAST6_MIRROR" ;;
	*) echo "see the lines above; whole log: $LOG"; return 1 ;;
	esac
}
