/* SPDX-License-Identifier: GPL-2.0 */
/*
 * IPv6 anycast groups for callers inside the kernel.
 *
 * A group is identified by a device and an address.  It is reference counted:
 * the first ipv6_dev_ac_inc() of a group adds it to the device, and the last
 * ipv6_dev_ac_dec() removes it.  Sockets (IPV6_JOIN_ANYCAST), addrconf's
 * subnet-router anycasts and these functions share one count, but a holder can
 * only drop its own references.
 *
 * A module that uses these functions keeps anycast6 loaded.
 *
 * The functions are exported (GPL) by their names, so a caller in C or in Rust
 * needs only their prototypes.  The module then identifies the caller by the
 * return address.  If the call is the last thing that a function of the caller
 * does, the compiler may turn it into a jump, and the return address is that of
 * the function's own caller.  If this is in the kernel itself, the hold is shown
 * as one of "vmlinux": any module may drop it, and a caller that is taken for
 * vmlinux may drop a hold of any module.  With this header callers pass their
 * name, which avoids all that.  A hold that was taken in one way may be dropped
 * in the other.
 */
#ifndef _ANYCAST6_H
#define _ANYCAST6_H

#include <linux/types.h>

struct in6_addr;
struct net;
struct net_device;

/* The macros at the end call these, with the name of the calling module. */
int anycast6_dev_inc(struct net_device *dev, const struct in6_addr *addr,
		     const char *module);
int anycast6_dev_dec(struct net_device *dev, const struct in6_addr *addr,
		     const char *module);

/**
 * ipv6_dev_ac_inc - hold the anycast group @addr on @dev
 * @dev: network device; the caller holds a reference to it
 * @addr: anycast address; the function checks only that it is no unicast address
 *	of @dev, the caller is responsible for the choice otherwise
 *
 * While a group is held and its device is up with IPv6 enabled, the host
 * answers: the address has an anycast route, the device is in the solicited-node
 * multicast group (unless it has no neighbours that solicit), and the group is
 * listed in /proc/net/anycast6.  When this begins, RTM_NEWANYCAST is sent to
 * RTNLGRP_IPV6_ACADDR; when it ends, RTM_DELANYCAST.  The hold lasts while the
 * device cannot answer, because it is down, is a port of another device, has IPv6
 * disabled, or has too small an MTU.
 *
 * A hold ends with its device: when the device is unregistered or moves to
 * another network namespace, all its groups go, and a later ipv6_dev_ac_dec()
 * returns %-ENOENT or %-ENODEV.
 *
 * While the group is held, @addr cannot be added to @dev as a unicast address,
 * except by router advertisement.  In that case the hold lasts, but @addr is the
 * host's own address until it is deleted.
 *
 * Context: Process context.  May sleep.  Takes the device's publish lock and
 *	IPv6 lock; may be called with or without RTNL.
 * Return: 0, %-ENODEV if @dev has no live IPv6, %-EACCES if the group is new and
 *	IPv6 is disabled on @dev, %-EINVAL if @addr is a unicast address of @dev
 *	or about to be, %-ENOBUFS if the network namespace already has
 *	net.ipv6.anycast6.max_groups groups, %-ENOMEM, or %-EOVERFLOW if the
 *	group can count no more holders.  An error changes nothing.
 */
int ipv6_dev_ac_inc(struct net_device *dev, const struct in6_addr *addr);

/**
 * ipv6_dev_ac_dec - drop one hold of the anycast group @addr on @dev
 * @dev: network device; the caller holds a reference to it
 * @addr: anycast address given to ipv6_dev_ac_inc()
 *
 * When the last hold is dropped, the host stops answering.
 *
 * Context: Process context.  May sleep.  Takes the device's publish lock and
 *	IPv6 lock; may be called with or without RTNL.
 * Return: 0, or %-ENOENT if the calling module holds no such group there, which
 *	may be %-ENODEV if @dev has no IPv6.
 */
int ipv6_dev_ac_dec(struct net_device *dev, const struct in6_addr *addr);

/**
 * ipv6_chk_acast_addr - is @addr an anycast address of this host?
 * @net: network namespace to look in
 * @dev: device to look on, or %NULL for every device of @net; the caller holds
 *	a reference to it
 * @addr: address to look for
 *
 * Context: Any, softirq included.  Takes the RCU read lock.
 * Return: true if a group @addr is held there and answered for.
 */
bool ipv6_chk_acast_addr(struct net *net, struct net_device *dev,
			 const struct in6_addr *addr);

#define ipv6_dev_ac_inc(dev, addr) anycast6_dev_inc(dev, addr, KBUILD_MODNAME)
#define ipv6_dev_ac_dec(dev, addr) anycast6_dev_dec(dev, addr, KBUILD_MODNAME)

#endif /* _ANYCAST6_H */
