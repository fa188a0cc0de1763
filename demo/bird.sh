# SPDX-License-Identifier: GPL-2.0
# Routing daemons for the demo: BIRD on a router and on the hosts whose groups it hears of, configured as
# docs/operation.md shows. Meant to be sourced by demo/run, after demo/lib.sh.
# shellcheck shell=bash

readonly ROUTER=2001:db8::1 TABLE=200

# member_config ADDRESS ID: announces the groups in the table to the router.
member_config() {
	cat <<-END
		router id 192.0.2.$2;
		ipv6 table groups;
		protocol device {
		}
		protocol kernel {
			kernel table $TABLE;
			learn;
			ipv6 {
				table groups;
				import where krt_source = 200 && net ~ [ 2001:db8::/64+ ];
				export none;
			};
		}
		protocol bgp {
			local $1 as 64512;
			neighbor $ROUTER as 64513;
			connect delay time 1;
			ipv6 {
				table groups;
				import none;
				export all;
			};
		}
	END
}

# router_config MEMBER ...: routes to what the members announce.
router_config() {
	local member
	cat <<-END
		router id 192.0.2.9;
		protocol device {
		}
		protocol kernel {
			ipv6 {
				import none;
				export all;
			};
		}
	END
	for member; do
		cat <<-END
			protocol bgp {
				local $ROUTER as 64513;
				neighbor $member as 64512;
				passive;
				ipv6 {
					import all;
					export none;
				};
			}
		END
	done
}

declare -A BIRDS

# bird HOST: runs it there with the configuration of standard input.
bird() {
	local config=$WORK/$1.conf
	cat >"$config"
	typed "$1" bird -c "$1.conf"
	ip netns exec "$1" bird -f -c "$config" -s "$config.ctl" >"$WORK/$1.bird" 2>&1 &
	BIRDS[$1]=$!
}

# birds_end: each says goodbye to its neighbours.
birds_end() {
	kill "${BIRDS[@]}"
	wait "${BIRDS[@]}"
}
