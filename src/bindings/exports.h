/* SPDX-License-Identifier: GPL-2.0 */
/* Called by the exported functions with their return address; see src/variant/exports.rs. */
#ifndef _ANYCAST6_EXPORTS_H
#define _ANYCAST6_EXPORTS_H

struct in6_addr;
struct net_device;

int anycast6_dev_inc_from(struct net_device *dev, const struct in6_addr *addr,
			  unsigned long caller);
int anycast6_dev_dec_from(struct net_device *dev, const struct in6_addr *addr,
			  unsigned long caller);

#endif /* _ANYCAST6_EXPORTS_H */
