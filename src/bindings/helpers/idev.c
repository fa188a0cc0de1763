// SPDX-License-Identifier: GPL-2.0
/* IPv6 state of a device */

struct inet6_dev *anycast6_helper_in6_dev_get(const struct net_device *dev)
{
	return in6_dev_get(dev);
}

struct inet6_dev *anycast6_helper_in6_dev_rcu(const struct net_device *dev)
{
	return in6_dev_rcu(dev);
}

void anycast6_helper_in6_dev_hold(struct inet6_dev *idev)
{
	in6_dev_hold(idev);
}

void anycast6_helper_in6_dev_put(struct inet6_dev *idev)
{
	in6_dev_put(idev);
}

struct net_device *anycast6_helper_idev_dev(const struct inet6_dev *idev)
{
	return idev->dev;
}

bool anycast6_helper_idev_dead(const struct inet6_dev *idev)
{
	return idev->dead;
}

s32 *anycast6_helper_idev_disable_ipv6(struct inet6_dev *idev)
{
	return &idev->cnf.disable_ipv6;
}

struct inet6_ifaddr *
anycast6_helper_idev_first_ifaddr_rcu(struct inet6_dev *idev)
{
	return list_first_or_null_rcu(&idev->addr_list, struct inet6_ifaddr,
				      if_list);
}

struct inet6_ifaddr *
anycast6_helper_idev_next_ifaddr_rcu(struct inet6_dev *idev,
				     struct inet6_ifaddr *ifa)
{
	return list_next_or_null_rcu(&idev->addr_list, &ifa->if_list,
				     struct inet6_ifaddr, if_list);
}

bool anycast6_helper_idev_forwards(const struct inet6_dev *idev)
{
	return READ_ONCE(idev->cnf.forwarding);
}

struct ifmcaddr6 *anycast6_helper_mc_list_rcu(const struct inet6_dev *idev)
{
	return rcu_dereference(idev->mc_list);
}

struct ifmcaddr6 *anycast6_helper_mc_next_rcu(const struct ifmcaddr6 *mc)
{
	return rcu_dereference(mc->next);
}

void anycast6_helper_idev_write_lock_bh(struct inet6_dev *idev)
{
	write_lock_bh(&idev->lock);
}

void anycast6_helper_idev_write_unlock_bh(struct inet6_dev *idev)
{
	write_unlock_bh(&idev->lock);
}
