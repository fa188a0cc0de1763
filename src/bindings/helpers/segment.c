// SPDX-License-Identifier: GPL-2.0
/* TCP segment at netfilter's LOCAL_IN, and the reset that answers it */

u64 anycast6_helper_now_nsecs(void)
{
	return ktime_get_ns();
}

/* Sent to the host's link-layer address, and no socket has been found yet. */
bool anycast6_helper_skb_is_unclaimed(const struct sk_buff *skb)
{
	return skb->pkt_type == PACKET_HOST && !skb->sk;
}

/* Where the transport header is; a negative number if it is not whole. */
int anycast6_helper_skb_transport(const struct sk_buff *skb, u8 *proto,
				  __be16 *fragment)
{
	*proto = ipv6_hdr(skb)->nexthdr;
	return ipv6_skip_exthdr(skb, skb_network_offset(skb) + sizeof(struct ipv6hdr),
				proto, fragment);
}

/* In a VRF that of the port. */
int anycast6_helper_skb_arrival(const struct sk_buff *skb)
{
	return IP6CB(skb)->iif;
}

bool anycast6_helper_skb_tcp_checks(struct sk_buff *skb, unsigned int at)
{
	return !nf_ip6_checksum(skb, NF_INET_LOCAL_IN, at, IPPROTO_TCP);
}

bool anycast6_helper_skb_xfrm_passes(struct sk_buff *skb)
{
	return xfrm6_policy_check(NULL, XFRM_POLICY_IN, skb);
}

/* The socket that TCP would find, with a reference or not. */
struct sock *anycast6_helper_tcp_lookup(const struct net *net,
					const struct sk_buff *skb,
					__be16 sport, __be16 dport,
					bool *refcounted)
{
	return __inet6_lookup(net, NULL, 0, &ipv6_hdr(skb)->saddr, sport,
			      &ipv6_hdr(skb)->daddr, ntohs(dport),
			      inet6_iif(skb), inet6_sdif(skb), refcounted);
}

/* With room for the headers before it. */
struct sk_buff *anycast6_helper_tcp_skb(const void *header, unsigned int len)
{
	struct sk_buff *skb = alloc_skb(MAX_TCP_HEADER + len, GFP_ATOMIC);

	if (!skb)
		return NULL;
	skb_reserve(skb, MAX_TCP_HEADER);
	skb_reset_transport_header(skb);
	skb_put_data(skb, header, len);
	return skb;
}

/*
 * The way back, as tcp_v6_send_response() in net/ipv6/tcp_ipv6.c goes for a
 * segment without a socket.
 */
void anycast6_helper_reply_flow(const struct net *net, struct sk_buff *skb,
				const struct tcphdr *reply, struct flowi6 *fl6)
{
	memset(fl6, 0, sizeof(*fl6));
	fl6->daddr = ipv6_hdr(skb)->saddr;
	fl6->saddr = ipv6_hdr(skb)->daddr;
	fl6->flowi6_proto = IPPROTO_TCP;
	fl6->fl6_sport = reply->source;
	fl6->fl6_dport = reply->dest;
	fl6->flowi6_mark = IP6_REPLY_MARK(net, skb->mark);
	fl6->flowi6_uid = sock_net_uid(net, NULL);
	if (rt6_need_strict(&fl6->daddr))
		fl6->flowi6_oif = inet6_iif(skb);
	else if (netif_index_is_l3_master((struct net *)net, skb->skb_iif))
		fl6->flowi6_oif = skb->skb_iif;
	security_skb_classify_flow(skb, flowi6_to_flowi_common(fl6));
}

void anycast6_helper_tcp_sum(struct sk_buff *reply, const struct flowi6 *fl6)
{
	reply->ip_summed = CHECKSUM_PARTIAL;
	__tcp_v6_send_check(reply, &fl6->saddr, &fl6->daddr);
}

struct dst_entry *anycast6_helper_reply_dst(struct net *net, struct flowi6 *fl6)
{
	struct dst_entry *dst = ip6_dst_lookup_flow(net, net->ipv6.tcp_sk, fl6, NULL);

	return IS_ERR(dst) ? NULL : dst;
}

void anycast6_helper_reply_xmit(struct net *net, struct sk_buff *reply,
				struct dst_entry *dst, struct flowi6 *fl6,
				u8 tclass)
{
	skb_dst_set(reply, dst);
	ip6_xmit(net->ipv6.tcp_sk, reply, fl6, fl6->flowi6_mark, NULL, tclass, 0);
}

void anycast6_helper_count_reset(struct net *net)
{
	__TCP_INC_STATS(net, TCP_MIB_OUTSEGS);
	__TCP_INC_STATS(net, TCP_MIB_OUTRSTS);
}

u8 anycast6_helper_skb_dsfield(const struct sk_buff *skb)
{
	return ipv6_get_dsfield(ipv6_hdr(skb)) & ~INET_ECN_MASK;
}
