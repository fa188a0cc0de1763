/* SPDX-License-Identifier: GPL-2.0 */
/* Tracepoints.  src/sys/trace.rs calls them. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM anycast6

#if !defined(_ANYCAST6_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _ANYCAST6_TRACE_H

#include <linux/in6.h>
#include <linux/netdevice.h>
#include <linux/tracepoint.h>

/* An event of a group; users is its number of holders now. */
DECLARE_EVENT_CLASS(group,
	TP_PROTO(const struct net_device *dev, const struct in6_addr *addr,
		 int users),
	TP_ARGS(dev, addr, users),
	TP_STRUCT__entry(
		__string(dev, dev->name)
		__field(int, ifindex)
		__field(int, users)
		__field_struct(struct in6_addr, addr)
	),
	TP_fast_assign(
		__assign_str(dev);
		__entry->ifindex = dev->ifindex;
		__entry->users = users;
		__entry->addr = *addr;
	),
	TP_printk("dev=%s ifindex=%d addr=%pI6c users=%d", __get_str(dev),
		  __entry->ifindex, &__entry->addr, __entry->users)
);

#define ANYCAST6_GROUP_EVENT(name)					\
DEFINE_EVENT(group, name,						\
	TP_PROTO(const struct net_device *dev, const struct in6_addr *addr,	\
		 int users),						\
	TP_ARGS(dev, addr, users))

/* A holder joined. */
ANYCAST6_GROUP_EVENT(join);
/* A holder left. */
ANYCAST6_GROUP_EVENT(leave);
/* The host begins to answer. */
ANYCAST6_GROUP_EVENT(publish);
/* The host stops answering: the last holder has left. */
ANYCAST6_GROUP_EVENT(withdraw);
/* The host stops answering, but the group has holders. */
ANYCAST6_GROUP_EVENT(dormant);

/* A socket's join was refused; ifindex is the requested one. */
TRACE_EVENT(refuse,
	TP_PROTO(int ifindex, const struct in6_addr *addr, int err),
	TP_ARGS(ifindex, addr, err),
	TP_STRUCT__entry(
		__field(int, ifindex)
		__field(int, err)
		__field_struct(struct in6_addr, addr)
	),
	TP_fast_assign(
		__entry->ifindex = ifindex;
		__entry->err = err;
		__entry->addr = *addr;
	),
	TP_printk("ifindex=%d addr=%pI6c err=%d", __entry->ifindex,
		  &__entry->addr, __entry->err)
);

/* All tasks run Rust, or C again; the numbers of groups and holders. */
DECLARE_EVENT_CLASS(census,
	TP_PROTO(unsigned long groups, long long holders),
	TP_ARGS(groups, holders),
	TP_STRUCT__entry(
		__field(unsigned long, groups)
		__field(long long, holders)
	),
	TP_fast_assign(
		__entry->groups = groups;
		__entry->holders = holders;
	),
	TP_printk("groups=%lu holders=%lld", __entry->groups, __entry->holders)
);

DEFINE_EVENT(census, takeover,
	TP_PROTO(unsigned long groups, long long holders),
	TP_ARGS(groups, holders));
DEFINE_EVENT(census, handback,
	TP_PROTO(unsigned long groups, long long holders),
	TP_ARGS(groups, holders));

#endif /* _ANYCAST6_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
