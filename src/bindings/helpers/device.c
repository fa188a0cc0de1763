// SPDX-License-Identifier: GPL-2.0
/* Device */

void anycast6_helper_dev_hold(struct net_device *dev)
{
	dev_hold(dev);
}

void anycast6_helper_dev_put(struct net_device *dev)
{
	dev_put(dev);
}

int anycast6_helper_dev_ifindex(const struct net_device *dev)
{
	return READ_ONCE(dev->ifindex);
}

void anycast6_helper_dev_name(const struct net_device *dev, char *name)
{
	strscpy(name, dev->name, IFNAMSIZ);
}

bool anycast6_helper_dev_up(const struct net_device *dev)
{
	return READ_ONCE(dev->flags) & IFF_UP;
}

bool anycast6_helper_dev_up_no_loopback(const struct net_device *dev)
{
	return (READ_ONCE(dev->flags) & (IFF_UP | IFF_LOOPBACK)) == IFF_UP;
}

bool anycast6_helper_dev_solicits(const struct net_device *dev)
{
	return !(READ_ONCE(dev->flags) & (IFF_LOOPBACK | IFF_NOARP));
}

bool anycast6_helper_dev_no_addrconf(const struct net_device *dev)
{
	return dev->priv_flags & IFF_NO_ADDRCONF;
}

bool anycast6_helper_dev_is_bridge(const struct net_device *dev)
{
	return netif_is_any_bridge_master(dev);
}

bool anycast6_helper_dev_is_lag(const struct net_device *dev)
{
	return netif_is_lag_master(dev);
}

int anycast6_helper_dev_l3_master(struct net_device *dev)
{
	return l3mdev_master_ifindex(dev);
}

u32 anycast6_helper_dev_local_table(const struct net_device *dev)
{
	return l3mdev_fib_table(dev) ? : RT6_TABLE_LOCAL;
}

struct net_device *anycast6_helper_first_dev(struct net *net)
{
	return first_net_device(net);
}

struct net_device *anycast6_helper_next_dev(struct net_device *dev)
{
	return next_net_device(dev);
}

struct net_device *anycast6_helper_first_dev_rcu(struct net *net)
{
	return list_first_or_null_rcu(&net->dev_base_head, struct net_device,
				      dev_list);
}

struct net_device *anycast6_helper_next_dev_rcu(struct net_device *dev)
{
	return next_net_device_rcu(dev);
}
