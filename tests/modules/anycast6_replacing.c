// SPDX-License-Identifier: GPL-2.0
/*
 * A livepatch that replaces all others and touches nothing of theirs: the kernel
 * refuses it while anycast6 is there, unless it says that it knows the groups.
 */
#include <linux/delay.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/seq_file.h>

static bool knows_groups;
module_param(knows_groups, bool, 0444);
MODULE_PARM_DESC(knows_groups, "know the state of the system that anycast6 changes");

static bool lingers;
module_param(lingers, bool, 0644);
MODULE_PARM_DESC(lingers, "begin to be there only when this is cleared");

static int replacing_cmdline_proc_show(struct seq_file *m, void *v)
{
	seq_puts(m, "replaced\n");
	return 0;
}

static struct klp_func funcs[] = {
	{
		.old_name = "cmdline_proc_show",
		.new_func = replacing_cmdline_proc_show,
	}, { }
};

static struct klp_object objs[] = {
	{
		/* name being NULL means vmlinux */
		.funcs = funcs,
	}, { }
};

static struct klp_state states[] = {
	{
		.id = 0x616e796361737436,	/* "anycast6" */
		.version = 1,
	}, { }
};

static struct klp_patch patch = {
	.mod = THIS_MODULE,
	.objs = objs,
	.replace = true,
};

static int __init anycast6_replacing_init(void)
{
	int err;

	if (knows_groups)
		patch.states = states;
	err = klp_enable_patch(&patch);
	while (!err && READ_ONCE(lingers))
		msleep(20);
	return err;
}
module_init(anycast6_replacing_init);

static void __exit anycast6_replacing_exit(void)
{
}
module_exit(anycast6_replacing_exit);

MODULE_DESCRIPTION("Livepatch that replaces others, for the scenarios of anycast6");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
