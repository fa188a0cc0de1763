// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/anycast6.yaml */
/* YNL-GEN kernel source */
/* To regenerate run: tools/net/ynl/ynl-regen.sh */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "netlink-gen.h"

#include <uapi/linux/anycast6.h>

/* Integer value ranges */
static const struct netlink_range_validation anycast6_a_group_ifindex_range = {
	.min	= 1ULL,
	.max	= S32_MAX,
};

/* ANYCAST6_CMD_GROUP_GET - do */
static const struct nla_policy anycast6_group_get_do_nl_policy[ANYCAST6_A_GROUP_ADDRESS + 1] = {
	[ANYCAST6_A_GROUP_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32, &anycast6_a_group_ifindex_range),
	[ANYCAST6_A_GROUP_ADDRESS] = NLA_POLICY_EXACT_LEN(16),
};

/* ANYCAST6_CMD_GROUP_GET - dump */
static const struct nla_policy anycast6_group_get_dump_nl_policy[ANYCAST6_A_GROUP_IFINDEX + 1] = {
	[ANYCAST6_A_GROUP_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32, &anycast6_a_group_ifindex_range),
};

/* ANYCAST6_CMD_SUSPEND - do */
static const struct nla_policy anycast6_suspend_nl_policy[ANYCAST6_A_GROUP_ADDRESS + 1] = {
	[ANYCAST6_A_GROUP_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32, &anycast6_a_group_ifindex_range),
	[ANYCAST6_A_GROUP_ADDRESS] = NLA_POLICY_EXACT_LEN(16),
};

/* ANYCAST6_CMD_RESUME - do */
static const struct nla_policy anycast6_resume_nl_policy[ANYCAST6_A_GROUP_ADDRESS + 1] = {
	[ANYCAST6_A_GROUP_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32, &anycast6_a_group_ifindex_range),
	[ANYCAST6_A_GROUP_ADDRESS] = NLA_POLICY_EXACT_LEN(16),
};

/* ANYCAST6_CMD_DRAIN - do */
static const struct nla_policy anycast6_drain_nl_policy[ANYCAST6_A_GROUP_TIME + 1] = {
	[ANYCAST6_A_GROUP_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32, &anycast6_a_group_ifindex_range),
	[ANYCAST6_A_GROUP_ADDRESS] = NLA_POLICY_EXACT_LEN(16),
	[ANYCAST6_A_GROUP_TIME] = { .type = NLA_U32, },
};

/* ANYCAST6_CMD_LEASE - do */
static const struct nla_policy anycast6_lease_nl_policy[ANYCAST6_A_GROUP_TIME + 1] = {
	[ANYCAST6_A_GROUP_IFINDEX] = NLA_POLICY_FULL_RANGE(NLA_U32, &anycast6_a_group_ifindex_range),
	[ANYCAST6_A_GROUP_ADDRESS] = NLA_POLICY_EXACT_LEN(16),
	[ANYCAST6_A_GROUP_TIME] = { .type = NLA_U32, },
};

/* Ops table for anycast6 */
static const struct genl_split_ops anycast6_nl_ops[] = {
	{
		.cmd		= ANYCAST6_CMD_GROUP_GET,
		.doit		= anycast6_nl_group_get_doit,
		.policy		= anycast6_group_get_do_nl_policy,
		.maxattr	= ANYCAST6_A_GROUP_ADDRESS,
		.flags		= GENL_CMD_CAP_DO,
	},
	{
		.cmd		= ANYCAST6_CMD_GROUP_GET,
		.start		= anycast6_nl_group_get_start,
		.dumpit		= anycast6_nl_group_get_dumpit,
		.done		= anycast6_nl_group_get_done,
		.policy		= anycast6_group_get_dump_nl_policy,
		.maxattr	= ANYCAST6_A_GROUP_IFINDEX,
		.flags		= GENL_CMD_CAP_DUMP,
	},
	{
		.cmd	= ANYCAST6_CMD_HOLDER_GET,
		.start	= anycast6_nl_holder_get_start,
		.dumpit	= anycast6_nl_holder_get_dumpit,
		.done	= anycast6_nl_holder_get_done,
		.flags	= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= ANYCAST6_CMD_SUSPEND,
		.doit		= anycast6_nl_suspend_doit,
		.policy		= anycast6_suspend_nl_policy,
		.maxattr	= ANYCAST6_A_GROUP_ADDRESS,
		.flags		= GENL_CMD_CAP_DO,
	},
	{
		.cmd		= ANYCAST6_CMD_RESUME,
		.doit		= anycast6_nl_resume_doit,
		.policy		= anycast6_resume_nl_policy,
		.maxattr	= ANYCAST6_A_GROUP_ADDRESS,
		.flags		= GENL_CMD_CAP_DO,
	},
	{
		.cmd		= ANYCAST6_CMD_DRAIN,
		.doit		= anycast6_nl_drain_doit,
		.policy		= anycast6_drain_nl_policy,
		.maxattr	= ANYCAST6_A_GROUP_TIME,
		.flags		= GENL_CMD_CAP_DO,
	},
	{
		.cmd		= ANYCAST6_CMD_LEASE,
		.doit		= anycast6_nl_lease_doit,
		.policy		= anycast6_lease_nl_policy,
		.maxattr	= ANYCAST6_A_GROUP_TIME,
		.flags		= GENL_CMD_CAP_DO,
	},
};

static const struct genl_multicast_group anycast6_nl_mcgrps[] = {
	[ANYCAST6_NLGRP_GROUPS] = { "groups", },
};

struct genl_family anycast6_nl_family __ro_after_init = {
	.name		= ANYCAST6_FAMILY_NAME,
	.version	= ANYCAST6_FAMILY_VERSION,
	.netnsok	= true,
	.parallel_ops	= true,
	.module		= THIS_MODULE,
	.split_ops	= anycast6_nl_ops,
	.n_split_ops	= ARRAY_SIZE(anycast6_nl_ops),
	.mcgrps		= anycast6_nl_mcgrps,
	.n_mcgrps	= ARRAY_SIZE(anycast6_nl_mcgrps),
};
