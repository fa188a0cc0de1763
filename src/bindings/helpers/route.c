// SPDX-License-Identifier: GPL-2.0
/* Route */

void anycast6_helper_fib6_info_hold(struct fib6_info *f6i)
{
	fib6_info_hold(f6i);
}

void anycast6_helper_fib6_info_release(struct fib6_info *f6i)
{
	fib6_info_release(f6i);
}

struct net_device *anycast6_helper_fib6_info_nh_dev(struct fib6_info *f6i)
{
	return fib6_info_nh_dev(f6i);
}

struct fib6_nh *anycast6_helper_fib6_info_nh(struct fib6_info *f6i)
{
	return f6i->fib6_nh;
}

void anycast6_helper_fib6_info_call_rcu(struct fib6_info *f6i,
					void (*func)(struct rcu_head *head))
{
	call_rcu_hurry(&f6i->rcu, func);
}

struct fib6_info *anycast6_helper_fib6_info_of_rcu(struct rcu_head *head)
{
	return container_of(head, struct fib6_info, rcu);
}

struct nexthop *anycast6_helper_fib6_info_nexthop(const struct fib6_info *f6i)
{
	return f6i->nh;
}

bool anycast6_helper_fib6_info_in_table(const struct fib6_info *f6i)
{
	return rcu_access_pointer(f6i->fib6_node);
}

u32 anycast6_helper_fib6_info_table(const struct fib6_info *f6i)
{
	return f6i->fib6_table->tb6_id;
}

u32 anycast6_helper_fib6_info_metric(const struct fib6_info *f6i)
{
	return f6i->fib6_metric;
}

/* What ip6_route_info_create() writes into a new blackhole. */
void anycast6_helper_fib6_info_make_blackhole(struct fib6_info *f6i,
					      struct fib6_table *table,
					      const struct in6_addr *addr,
					      u8 protocol, u32 metric)
{
	f6i->fib6_metrics = (struct dst_metrics *)&dst_default_metrics;
	f6i->fib6_protocol = protocol;
	f6i->fib6_table = table;
	f6i->fib6_metric = metric;
	f6i->fib6_type = RTN_BLACKHOLE;
	f6i->fib6_flags = RTF_REJECT | RTF_NONEXTHOP;
	f6i->fib6_dst.addr = *addr;
	f6i->fib6_dst.plen = 128;
}

const struct rt6key *anycast6_helper_fib6_info_dst(const struct fib6_info *f6i)
{
	return &f6i->fib6_dst;
}

struct net_device *anycast6_helper_rt6_dev_rcu(const struct rt6_info *rt)
{
	return dst_dev_rcu(&rt->dst);
}

void anycast6_helper_rt6_put(struct rt6_info *rt)
{
	ip6_rt_put(rt);
}
