// SPDX-License-Identifier: GPL-2.0
/* Netlink message */

struct sk_buff *anycast6_helper_ifacaddr_msg_new(void)
{
	return nlmsg_new(NLMSG_ALIGN(sizeof(struct ifaddrmsg)) +
			 nla_total_size(sizeof(struct in6_addr)) +
			 nla_total_size(sizeof(struct ifa_cacheinfo)),
			 GFP_KERNEL);
}

void anycast6_helper_kfree_skb(struct sk_buff *skb)
{
	kfree_skb(skb);
}
