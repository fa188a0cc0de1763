// SPDX-License-Identifier: GPL-2.0
/*
 * A livepatch that replaces one function of net/ipv6/anycast.c by its equal, so
 * that anycast6 finds the function taken and must refuse to load.
 */
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/seq_file.h>

static void foreign_seq_stop(struct seq_file *seq, void *v)
	__releases(RCU)
{
	rcu_read_unlock();
}

static struct klp_func funcs[] = {
	{
		.old_name = "ac6_seq_stop",
		.new_func = foreign_seq_stop,
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

static int __init anycast6_foreign_init(void)
{
	return klp_enable_patch(&patch);
}
module_init(anycast6_foreign_init);

static void __exit anycast6_foreign_exit(void)
{
}
module_exit(anycast6_foreign_exit);

MODULE_DESCRIPTION("Foreign livepatch for the scenarios of anycast6");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
