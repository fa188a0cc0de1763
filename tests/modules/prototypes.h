/* SPDX-License-Identifier: GPL-2.0 */
/* All that a caller must know of anycast6. */
#ifndef _PROTOTYPES_H
#define _PROTOTYPES_H

#include <linux/types.h>

struct in6_addr;
struct net;
struct net_device;

int ipv6_dev_ac_inc(struct net_device *dev, const struct in6_addr *addr);
int ipv6_dev_ac_dec(struct net_device *dev, const struct in6_addr *addr);
bool ipv6_chk_acast_addr(struct net *net, struct net_device *dev,
			 const struct in6_addr *addr);

#endif /* _PROTOTYPES_H */
