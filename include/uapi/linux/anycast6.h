/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/anycast6.yaml */
/* YNL-GEN uapi header */
/* To regenerate run: tools/net/ynl/ynl-regen.sh */

#ifndef _UAPI_LINUX_ANYCAST6_H
#define _UAPI_LINUX_ANYCAST6_H

#define ANYCAST6_FAMILY_NAME	"anycast6"
#define ANYCAST6_FAMILY_VERSION	1

/**
 * enum anycast6_state - What the host does for a group.
 * @ANYCAST6_STATE_PUBLISHED: The group is listed, the host answers for it and
 *   takes its packets.
 * @ANYCAST6_STATE_DRAINING: As published, but the host no longer answers
 *   neighbours that look for any member, and the group is not exported.
 *   Neighbours that use this host go on.
 * @ANYCAST6_STATE_SUSPENDED: The group is held but not listed, as its service
 *   asked for that, its drain is over or its lease has run out.
 * @ANYCAST6_STATE_DORMANT: The group is held but not listed, as its device
 *   cannot carry it.
 * @ANYCAST6_STATE_YIELDING: The group is held but not listed, as its device
 *   has the address as a unicast address.
 * @ANYCAST6_STATE_OFF: The group is addrconf's alone, and
 *   net.ipv6.anycast6.subnet_router is 0.
 */
enum anycast6_state {
	ANYCAST6_STATE_PUBLISHED,
	ANYCAST6_STATE_DRAINING,
	ANYCAST6_STATE_SUSPENDED,
	ANYCAST6_STATE_DORMANT,
	ANYCAST6_STATE_YIELDING,
	ANYCAST6_STATE_OFF,
};

/**
 * enum anycast6_holder_kind
 * @ANYCAST6_HOLDER_KIND_SOCKET: A socket. It has cookie, uid and pid.
 * @ANYCAST6_HOLDER_KIND_MODULE: A caller inside the kernel. It has a module.
 * @ANYCAST6_HOLDER_KIND_ADDRCONF: Addresses of a router. It has a count.
 * @ANYCAST6_HOLDER_KIND_ADOPTED: Holders from before the module was loaded, of
 *   any kind. It has a count.
 */
enum anycast6_holder_kind {
	ANYCAST6_HOLDER_KIND_SOCKET,
	ANYCAST6_HOLDER_KIND_MODULE,
	ANYCAST6_HOLDER_KIND_ADDRCONF,
	ANYCAST6_HOLDER_KIND_ADOPTED,
};

enum {
	ANYCAST6_A_GROUP_IFINDEX = 1,
	ANYCAST6_A_GROUP_DEVICE,
	ANYCAST6_A_GROUP_ADDRESS,
	ANYCAST6_A_GROUP_STATE,
	ANYCAST6_A_GROUP_SINCE,
	ANYCAST6_A_GROUP_HOLDERS,
	ANYCAST6_A_GROUP_PEER,
	ANYCAST6_A_GROUP_DRAIN,
	ANYCAST6_A_GROUP_LEASE,
	ANYCAST6_A_GROUP_TIME,

	__ANYCAST6_A_GROUP_MAX,
	ANYCAST6_A_GROUP_MAX = (__ANYCAST6_A_GROUP_MAX - 1)
};

enum {
	ANYCAST6_A_HOLDER_IFINDEX = 1,
	ANYCAST6_A_HOLDER_ADDRESS,
	ANYCAST6_A_HOLDER_KIND,
	ANYCAST6_A_HOLDER_COUNT,
	ANYCAST6_A_HOLDER_MODULE,
	ANYCAST6_A_HOLDER_COOKIE,
	ANYCAST6_A_HOLDER_UID,
	ANYCAST6_A_HOLDER_PID,

	__ANYCAST6_A_HOLDER_MAX,
	ANYCAST6_A_HOLDER_MAX = (__ANYCAST6_A_HOLDER_MAX - 1)
};

enum {
	ANYCAST6_CMD_GROUP_GET = 1,
	ANYCAST6_CMD_GROUP_NTF,
	ANYCAST6_CMD_GROUP_DEL_NTF,
	ANYCAST6_CMD_HANDOVER_NTF,
	ANYCAST6_CMD_HOLDER_GET,
	ANYCAST6_CMD_SUSPEND,
	ANYCAST6_CMD_RESUME,
	ANYCAST6_CMD_DRAIN,
	ANYCAST6_CMD_LEASE,

	__ANYCAST6_CMD_MAX,
	ANYCAST6_CMD_MAX = (__ANYCAST6_CMD_MAX - 1)
};

#define ANYCAST6_MCGRP_GROUPS	"groups"

#endif /* _UAPI_LINUX_ANYCAST6_H */
