/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The input of bindgen: the types and functions named in bindgen_parameters,
 * and the helpers.
 */
#include <linux/errno.h>
#include <linux/in6.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/notifier.h>
#include <linux/rcupdate.h>
#include <linux/rhashtable.h>
#include <linux/rtnetlink.h>
#include <linux/seq_file.h>
#include <linux/seq_file_net.h>
#include <linux/sock_diag.h>
#include <linux/sysctl.h>
#include <linux/workqueue.h>
#include <net/addrconf.h>
#include <net/if_inet6.h>
#include <net/inet_common.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/nexthop.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "../../include/anycast6.h"
#include "built_for.h"
#include "helpers.c"
#include "netlink-gen.h"
#include "trace.h"

/*
 * Unexported kernel symbols without a declaration in a public header: from
 * net/ipv6/anycast.c, addrconf.c and route.c, kernel/livepatch/core.h, and the
 * linker script.  Nothing links against them; symbols.rs takes their types from here.
 */
extern struct hlist_head inet6_acaddr_lst[];
extern spinlock_t acaddr_hash_lock;
extern struct mutex klp_mutex;
extern struct list_head klp_patches;
int addrconf_notify(struct notifier_block *nb, unsigned long event, void *info);
int rt6_nh_flush_exceptions(struct fib6_nh *nh, void *arg);
extern const u8 __start_notes[];
extern const u8 __stop_notes[];

/* bindgen can evaluate constants, but not these macros. */
const gfp_t ANYCAST6_GFP_KERNEL = GFP_KERNEL;
const gfp_t ANYCAST6_GFP_CHARGED_OR_NONE = GFP_KERNEL_ACCOUNT | __GFP_NORETRY;
const size_t ANYCAST6_MODULE_NAME_LEN = MODULE_NAME_LEN;

/*
 * The state of an open /proc/net/anycast6: struct ac6_iter_state of
 * net/ipv6/anycast.c, which allocates it.  C and Rust may use it in turn during a
 * livepatch transition.
 */
struct anycast6_iter_state {
	struct seq_net_private p;
	struct net_device *dev;
};
