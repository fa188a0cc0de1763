// SPDX-License-Identifier: GPL-2.0
/*
 * Somebody else who changes groups: takes the youngest one off the list of a device, has it no
 * longer listened for, and lets go of it in the end.
 */
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/nsproxy.h>
#include <linux/rculist.h>
#include <linux/rtnetlink.h>
#include <net/addrconf.h>
#include <net/if_inet6.h>
#include <net/ip6_fib.h>

static char *device;
module_param(device, charp, 0444);
MODULE_PARM_DESC(device, "name of the device, in the network namespace of whoever loads this");

static struct ifacaddr6 *stolen;

static struct ifacaddr6 *steal(struct inet6_dev *idev)
{
	struct ifacaddr6 *aca;

	write_lock_bh(&idev->lock);
	aca = rcu_dereference_protected(idev->ac_list, 1);
	if (aca) {
		rcu_assign_pointer(idev->ac_list,
				   rcu_dereference_protected(aca->aca_next, 1));
		hlist_del_init_rcu(&aca->aca_addr_lst);
	}
	write_unlock_bh(&idev->lock);
	return aca;
}

static void stop_listening(struct net_device *dev, const struct in6_addr *addr)
{
	struct in6_addr group;

	addrconf_addr_solict_mult(addr, &group);
	ipv6_dev_mc_dec(dev, &group);
}

static int __init anycast6_thief_init(void)
{
	struct net_device *dev;

	rtnl_lock();
	dev = __dev_get_by_name(current->nsproxy->net_ns, device ?: "");
	if (dev && __in6_dev_get(dev))
		stolen = steal(__in6_dev_get(dev));
	if (stolen)
		stop_listening(dev, &stolen->aca_addr);
	rtnl_unlock();
	return stolen ? 0 : -ENODEV;
}
module_init(anycast6_thief_init);

static void __exit anycast6_thief_exit(void)
{
	/* The list's references: one to the route, which the table has lost, one to the group. */
	synchronize_rcu();
	fib6_info_release(stolen->aca_rt);
	if (refcount_dec_and_test(&stolen->aca_refcnt)) {
		fib6_info_release(stolen->aca_rt);
		kfree(stolen);
	}
}
module_exit(anycast6_thief_exit);

MODULE_DESCRIPTION("Thief of groups for the scenarios of anycast6");
MODULE_LICENSE("GPL");
