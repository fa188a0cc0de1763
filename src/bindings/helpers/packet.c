// SPDX-License-Identifier: GPL-2.0
/* Packet */

bool anycast6_helper_skb_is_ipv4(const struct sk_buff *skb)
{
	return skb->protocol == htons(ETH_P_IP);
}

bool anycast6_helper_skb_is_unicast(const struct sk_buff *skb)
{
	return ipv6_unicast_destination(skb);
}

const struct in6_addr *anycast6_helper_skb_source(const struct sk_buff *skb)
{
	return &ipv6_hdr(skb)->saddr;
}

const struct in6_addr *
anycast6_helper_skb_destination(const struct sk_buff *skb)
{
	return &ipv6_hdr(skb)->daddr;
}

/* TCP keeps the index in skb->cb, because skb->dev is unset by then. */
int anycast6_helper_skb_iif(const struct sk_buff *skb)
{
	return tcp_v6_iif_l3_slave(skb);
}

void anycast6_helper_listendrop(const struct sock *sk)
{
	tcp_listendrop(sk);
}

void anycast6_helper_count_header_error(const struct sock *sk)
{
	__IP6_INC_STATS(sock_net(sk), NULL, IPSTATS_MIB_INHDRERRORS);
}
