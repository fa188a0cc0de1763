// SPDX-License-Identifier: GPL-2.0
/* Generic netlink */

struct net *anycast6_helper_genl_net(const struct genl_info *info)
{
	return genl_info_net(info);
}

const struct genl_info *anycast6_helper_genl_dump_info(struct netlink_callback *cb)
{
	return genl_info_dump(cb);
}

u32 anycast6_helper_nla_get_u32(const struct nlattr *attr)
{
	return nla_get_u32(attr);
}

struct in6_addr anycast6_helper_nla_get_in6_addr(const struct nlattr *attr)
{
	return nla_get_in6_addr(attr);
}

void anycast6_helper_extack_text(struct netlink_ext_ack *extack, const char *text)
{
	if (extack)
		extack->_msg = text;
}

void anycast6_helper_extack_attr(struct netlink_ext_ack *extack,
				 const struct nlattr *attr)
{
	NL_SET_BAD_ATTR(extack, attr);
}

void anycast6_helper_extack_missing(struct netlink_ext_ack *extack, u32 type)
{
	NL_SET_ERR_ATTR_MISS(extack, NULL, type);
}

bool anycast6_helper_netlink_net_admin(const struct sk_buff *skb, const struct net *net)
{
	return netlink_ns_capable(skb, net->user_ns, CAP_NET_ADMIN);
}

/* Who opened the socket from which the message came. */
kuid_t anycast6_helper_netlink_uid(struct sk_buff *skb)
{
	return sk_uid(NETLINK_CB(skb).sk);
}

u32 anycast6_helper_netlink_portid(struct sk_buff *skb)
{
	return NETLINK_CB(skb).portid;
}

struct sk_buff *anycast6_helper_genlmsg_new(void)
{
	return genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
}

void anycast6_helper_genlmsg_end(struct sk_buff *skb, void *header)
{
	genlmsg_end(skb, header);
}

void anycast6_helper_genlmsg_cancel(struct sk_buff *skb, void *header)
{
	genlmsg_cancel(skb, header);
}

int anycast6_helper_genlmsg_reply(struct sk_buff *skb, struct genl_info *info)
{
	return genlmsg_reply(skb, info);
}

bool anycast6_helper_genl_has_listeners(const struct genl_family *family,
					struct net *net, unsigned int group)
{
	return genl_has_listeners(family, net, group);
}

void anycast6_helper_genl_multicast(const struct genl_family *family, struct net *net,
				    struct sk_buff *skb, unsigned int group)
{
	genlmsg_multicast_netns(family, net, skb, 0, group, GFP_KERNEL);
}

void anycast6_helper_genl_set_err(const struct genl_family *family, struct net *net,
				  unsigned int group, int err)
{
	genl_set_err(family, net, 0, group, err);
}
