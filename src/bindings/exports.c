// SPDX-License-Identifier: GPL-2.0
/* Exports of functions that are written in Rust; see src/variant/exports.rs. */
#include <linux/export.h>
#include <linux/instruction_pointer.h>

#include "../../include/anycast6.h"
#include "exports.h"

/* For callers without the header.  notrace: a tracer would change _RET_IP_. */
#undef ipv6_dev_ac_inc
#undef ipv6_dev_ac_dec

notrace int ipv6_dev_ac_inc(struct net_device *dev, const struct in6_addr *addr)
{
	return anycast6_dev_inc_from(dev, addr, _RET_IP_);
}
EXPORT_SYMBOL_GPL(ipv6_dev_ac_inc);

notrace int ipv6_dev_ac_dec(struct net_device *dev, const struct in6_addr *addr)
{
	return anycast6_dev_dec_from(dev, addr, _RET_IP_);
}
EXPORT_SYMBOL_GPL(ipv6_dev_ac_dec);

EXPORT_SYMBOL_GPL(anycast6_dev_inc);
EXPORT_SYMBOL_GPL(anycast6_dev_dec);
EXPORT_SYMBOL_GPL(ipv6_chk_acast_addr);
