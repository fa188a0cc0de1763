// SPDX-License-Identifier: GPL-2.0
/* Neighbour discovery */

u64 anycast6_helper_now_msecs(void)
{
	return ktime_to_ms(ktime_get());
}

bool anycast6_helper_dev_is_ethernet(const struct net_device *dev)
{
	return dev->type == ARPHRD_ETHER && dev->addr_len == ETH_ALEN;
}

bool anycast6_helper_dev_can_send(const struct net_device *dev)
{
	return netif_running(dev) && netif_carrier_ok(dev);
}

void anycast6_helper_dev_link_addr(const struct net_device *dev, u8 *addr)
{
	memcpy(addr, dev->dev_addr, ETH_ALEN);
}

/* A whole IPv6 packet, with room for the device's header. */
struct sk_buff *anycast6_helper_ipv6_skb(struct net_device *dev,
					 const void *packet, unsigned int len)
{
	unsigned int headroom = LL_RESERVED_SPACE(dev);
	struct sk_buff *skb;

	skb = alloc_skb(headroom + len + dev->needed_tailroom, GFP_KERNEL);
	if (!skb)
		return NULL;
	skb_reserve(skb, headroom);
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, sizeof(struct ipv6hdr));
	skb_put_data(skb, packet, len);
	skb->protocol = htons(ETH_P_IPV6);
	skb->priority = TC_PRIO_CONTROL;
	skb->dev = dev;
	return skb;
}

int anycast6_helper_skb_address(struct sk_buff *skb, const u8 *to)
{
	return dev_hard_header(skb, skb->dev, ETH_P_IPV6, to, NULL, skb->len);
}

void anycast6_helper_skb_xmit(struct sk_buff *skb)
{
	dev_queue_xmit(skb);
}

/* Of all ICMPv6 messages a raw socket gets those of one type. */
void anycast6_helper_sock_only_icmpv6(struct sock *sk, u8 type)
{
	struct icmp6_filter *filter = &raw6_sk(sk)->filter;

	memset(filter, 0xff, sizeof(*filter));
	filter->data[type >> 5] &= ~(1U << (type & 31));
}

void anycast6_helper_sock_wait(struct sock *sk, unsigned int msecs)
{
	sk->sk_rcvtimeo = msecs_to_jiffies(msecs);
}

struct sock *anycast6_helper_socket_sock(const struct socket *sock)
{
	return sock->sk;
}

int anycast6_helper_icmpv6_iif(const struct sk_buff *skb)
{
	return inet6_iif(skb);
}

const void *anycast6_helper_skb_ipv6_header(const struct sk_buff *skb)
{
	return ipv6_hdr(skb);
}

unsigned int anycast6_helper_skb_len(const struct sk_buff *skb)
{
	return skb->len;
}
