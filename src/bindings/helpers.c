// SPDX-License-Identifier: GPL-2.0
/*
 * Inline functions and macros of the kernel, callable from Rust: one call each
 * and no logic.  Their callers in src/sys, src/store and src/variant document the
 * locks that they hold.  One file per kernel object, one object file for all, as in
 * the kernel's own rust/helpers.
 */
#include <linux/bpf-cgroup.h>
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/etherdevice.h>
#include <linux/hash.h>
#include <linux/icmpv6.h>
#include <linux/if_arp.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/net.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv6.h>
#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <linux/pid.h>
#include <linux/pkt_sched.h>
#include <linux/preempt.h>
#include <linux/proc_fs.h>
#include <linux/rculist.h>
#include <linux/rhashtable.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/security.h>
#include <linux/sched/signal.h>
#include <linux/seq_file_net.h>
#include <linux/string.h>
#include <linux/user_namespace.h>
#include <linux/workqueue.h>
#include <net/addrconf.h>
#include <net/genetlink.h>
#include <net/if_inet6.h>
#include <net/inet_common.h>
#include <net/inet6_hashtables.h>
#include <net/inet_sock.h>
#include <net/ip6_checksum.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/netlink.h>
#include <net/netns/generic.h>
#include <net/nexthop.h>
#include <net/sock.h>
#include <net/tcp.h>
#include <net/transp_v6.h>
#include <net/xfrm.h>

#include "helpers/net.c"
#include "helpers/device.c"
#include "helpers/idev.c"
#include "helpers/ac_list.c"
#include "helpers/acaddr.c"
#include "helpers/route.c"
#include "helpers/sock.c"
#include "helpers/joined.c"
#include "helpers/index.c"
#include "helpers/packet.c"
#include "helpers/segment.c"
#include "helpers/notifier.c"
#include "helpers/neighbour.c"
#include "helpers/work.c"
#include "helpers/netlink.c"
#include "helpers/genl.c"
#include "helpers/seq.c"
#include "helpers/sync.c"
#include "helpers/user.c"
