// SPDX-License-Identifier: GPL-2.0
/* Events */

struct net_device *anycast6_helper_notifier_dev(const void *info)
{
	return netdev_notifier_info_to_dev(info);
}

int anycast6_helper_notifier_from_errno(int err)
{
	return notifier_from_errno(err);
}

void anycast6_helper_extack_held(struct netlink_ext_ack *extack)
{
	NL_SET_ERR_MSG(extack,
		       "The address is an anycast group that a program holds on this device");
}

bool anycast6_helper_is_livepatch(struct module *module)
{
	return is_livepatch_module(module);
}
