// SPDX-License-Identifier: GPL-2.0
/* Processes */

struct pid *anycast6_helper_current_tgid(void)
{
	return task_tgid(current);
}

void anycast6_helper_get_pid(struct pid *pid)
{
	get_pid(pid);
}
