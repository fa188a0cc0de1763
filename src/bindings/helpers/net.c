// SPDX-License-Identifier: GPL-2.0
/* Network namespace */

struct net *anycast6_helper_sock_net(const struct sock *sk)
{
	return sock_net(sk);
}

struct net *anycast6_helper_dev_net(const struct net_device *dev)
{
	return dev_net(dev);
}

bool anycast6_helper_net_admin(const struct net *net)
{
	return ns_capable(net->user_ns, CAP_NET_ADMIN);
}

bool anycast6_helper_net_forwards(const struct net *net)
{
	return READ_ONCE(net->ipv6.devconf_all->forwarding);
}

s32 *anycast6_helper_net_all_disable_ipv6(const struct net *net)
{
	return &net->ipv6.devconf_all->disable_ipv6;
}

s32 *anycast6_helper_net_dflt_disable_ipv6(const struct net *net)
{
	return &net->ipv6.devconf_dflt->disable_ipv6;
}

u32 anycast6_helper_addr_hash(const struct net *net,
			      const struct in6_addr *addr)
{
	return __ipv6_addr_jhash(addr, net_hash_mix(net));
}

void *anycast6_helper_net_generic(const struct net *net, unsigned int id)
{
	return net_generic(net, id);
}

bool anycast6_helper_net_ratelimit(void)
{
	return net_ratelimit();
}
