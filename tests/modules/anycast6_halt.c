// SPDX-License-Identifier: GPL-2.0
/*
 * Puts a process to sleep where it is about to delete a route, so that others
 * meet it halfway through the end of a group. `pid` names it. `asleep` says that
 * it has got there; writing 1 to `go` lets it go on. To be removed only when the
 * process has done so.
 */
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/sched.h>

struct fib6_info;
struct net;

static int pid;
module_param(pid, int, 0444);
static bool asleep;
module_param(asleep, bool, 0444);
static bool go;
module_param(go, bool, 0644);

static int at_entry(struct kprobe *p, struct pt_regs *regs);

static struct kprobe probe = {
	.symbol_name = "ip6_del_rt",
	.pre_handler = at_entry,
};

static int sleep_and_delete(struct net *net, struct fib6_info *rt, bool skip_notify)
{
	int (*delete)(struct net *net, struct fib6_info *rt, bool skip_notify) =
		(void *)probe.addr;

	WRITE_ONCE(asleep, true);
	while (!READ_ONCE(go))
		schedule_timeout_uninterruptible(1);
	return delete(net, rt, skip_notify);
}

/* A probe may not sleep, so the function's caller calls another one instead. */
static int at_entry(struct kprobe *p, struct pt_regs *regs)
{
	if (task_tgid_nr(current) != pid || READ_ONCE(asleep))
		return 0;
	instruction_pointer_set(regs, (unsigned long)sleep_and_delete);
	return 1;
}

static int __init anycast6_halt_init(void)
{
	return register_kprobe(&probe);
}
module_init(anycast6_halt_init);

static void __exit anycast6_halt_exit(void)
{
	unregister_kprobe(&probe);
}
module_exit(anycast6_halt_exit);

MODULE_DESCRIPTION("Halts a process for the scenarios of anycast6");
MODULE_LICENSE("GPL");
