/* SPDX-License-Identifier: GPL-2.0 */
/*
 * IPv6 anycast groups for callers inside the kernel.
 *
 * A group is identified by a device and an address.  It is reference counted:
 * only the first ipv6_dev_ac_inc() of a group adds it to the device, only the
 * last ipv6_dev_ac_dec() removes it.  Sockets (IPV6_JOIN_ANYCAST), addrconf's
 * subnet-router anycasts and these functions count in one number, but nobody can
 * give back what is another's; a caller gives back exactly what it took.
 *
 * A module that uses these functions keeps anycast6 loaded.
 *
 * The functions are exported (GPL) by their names, so their prototypes are all
 * that a caller needs, be it in C or in Rust.  Which module it is, that is then
 * told from where the function returns to.  Where a function of the caller ends
 * with the call the compiler may have it return to whoever called that function:
 * if that is the kernel itself, the hold is shown as one of "vmlinux", which any
 * module may give back; and who is vmlinux may give back a hold of any module.
 * This header has the callers say their name, and none of that happens.  Holds
 * taken the one way may be given back the other way.
 */
#ifndef _ANYCAST6_H
#define _ANYCAST6_H

#include <linux/types.h>

struct in6_addr;
struct net;
struct net_device;

/* What becomes of the calls below: with the name of the module that calls. */
int anycast6_dev_inc(struct net_device *dev, const struct in6_addr *addr,
		     const char *module);
int anycast6_dev_dec(struct net_device *dev, const struct in6_addr *addr,
		     const char *module);

/**
 * ipv6_dev_ac_inc - hold the anycast group @addr on @dev
 * @dev: network device; the caller holds a reference to it
 * @addr: anycast address; nothing but the device's state is checked here,
 *	the choice of the address is the caller's responsibility
 *
 * While a group is held and its device is up with IPv6 enabled, the host
 * answers: the address has an anycast route, the device is in the solicited-node
 * multicast group, and the group is listed in /proc/net/anycast6.  Whenever that
 * begins, RTM_NEWANYCAST is sent to RTNLGRP_IPV6_ACADDR, and RTM_DELANYCAST when
 * it ends.  While the device cannot answer (it is down, IPv6 is disabled or its
 * MTU too small), the hold lasts.
 *
 * A hold ends with the device: when that is unregistered or moves to another
 * network namespace, all its groups go, whoever held them, and a later
 * ipv6_dev_ac_dec() says %-ENOENT or %-ENODEV.
 *
 * While the group is held, @addr cannot be added to @dev as a unicast address,
 * except by router advertisement.  Then the hold lasts, and the host is the owner
 * of @addr until that address has gone.
 *
 * Context: Process context.  May sleep.  Takes the device's publish lock and
 *	IPv6 lock; may be called with or without RTNL.
 * Return: 0, %-ENODEV when @dev has no live IPv6, %-EACCES when a first holder
 *	comes while IPv6 is disabled there, %-EINVAL when @addr is a unicast
 *	address of @dev or about to be, %-ENOBUFS when the network namespace
 *	has net.ipv6.anycast6.max_groups already, %-ENOMEM, or %-EOVERFLOW when
 *	the group can count no more holders.  After an error nothing has changed.
 */
int ipv6_dev_ac_inc(struct net_device *dev, const struct in6_addr *addr);

/**
 * ipv6_dev_ac_dec - give back one hold of the anycast group @addr on @dev
 * @dev: network device; the caller holds a reference to it
 * @addr: anycast address given to ipv6_dev_ac_inc()
 *
 * With the last hold the host stops answering.
 *
 * Context: Process context.  May sleep.  Takes the device's publish lock and
 *	IPv6 lock; may be called with or without RTNL.
 * Return: 0, or %-ENOENT when the calling module holds no such group there; that
 *	may be %-ENODEV when @dev has no IPv6.
 */
int ipv6_dev_ac_dec(struct net_device *dev, const struct in6_addr *addr);

/**
 * ipv6_chk_acast_addr - is @addr an anycast address of this host?
 * @net: network namespace to look in
 * @dev: device to look on, or %NULL for every device of @net; the caller keeps
 *	it alive
 * @addr: address to look for
 *
 * Context: Any, softirq included.  Takes the RCU read lock.
 * Return: true when a group @addr is held there, and answered for.
 */
bool ipv6_chk_acast_addr(struct net *net, struct net_device *dev,
			 const struct in6_addr *addr);

#define ipv6_dev_ac_inc(dev, addr) anycast6_dev_inc(dev, addr, KBUILD_MODNAME)
#define ipv6_dev_ac_dec(dev, addr) anycast6_dev_dec(dev, addr, KBUILD_MODNAME)

#endif /* _ANYCAST6_H */
