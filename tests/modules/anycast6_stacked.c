// SPDX-License-Identifier: GPL-2.0
/*
 * A livepatch on top of anycast6, as an administrator may load one in a hurry:
 * nobody may join any more.
 */
#include <linux/errno.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <net/addrconf.h>

static int stacked_sock_ac_join(struct sock *sk, int ifindex,
				const struct in6_addr *addr)
{
	return -EOPNOTSUPP;
}

static struct klp_func funcs[] = {
	{
		.old_name = "ipv6_sock_ac_join",
		.new_func = stacked_sock_ac_join,
	}, { }
};

static struct klp_object objs[] = {
	{
		/* name being NULL means vmlinux */
		.funcs = funcs,
	}, { }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
};

static int __init anycast6_stacked_init(void)
{
	return klp_enable_patch(&patch);
}
module_init(anycast6_stacked_init);

static void __exit anycast6_stacked_exit(void)
{
}
module_exit(anycast6_stacked_exit);

MODULE_DESCRIPTION("Livepatch on top of others, for the scenarios of anycast6");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
