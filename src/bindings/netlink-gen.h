/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/anycast6.yaml */
/* YNL-GEN kernel header */
/* To regenerate run: tools/net/ynl/ynl-regen.sh */

#ifndef _LINUX_ANYCAST6_GEN_H
#define _LINUX_ANYCAST6_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/anycast6.h>

int anycast6_nl_group_get_start(struct netlink_callback *cb);
int anycast6_nl_holder_get_start(struct netlink_callback *cb);
int anycast6_nl_group_get_done(struct netlink_callback *cb);
int anycast6_nl_holder_get_done(struct netlink_callback *cb);

int anycast6_nl_group_get_doit(struct sk_buff *skb, struct genl_info *info);
int anycast6_nl_group_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb);
int anycast6_nl_holder_get_dumpit(struct sk_buff *skb,
				  struct netlink_callback *cb);
int anycast6_nl_suspend_doit(struct sk_buff *skb, struct genl_info *info);
int anycast6_nl_resume_doit(struct sk_buff *skb, struct genl_info *info);
int anycast6_nl_drain_doit(struct sk_buff *skb, struct genl_info *info);
int anycast6_nl_lease_doit(struct sk_buff *skb, struct genl_info *info);

enum {
	ANYCAST6_NLGRP_GROUPS,
};

extern struct genl_family anycast6_nl_family;

#endif /* _LINUX_ANYCAST6_GEN_H */
