// SPDX-License-Identifier: GPL-2.0
/* Users and processes */

uid_t anycast6_helper_current_euid(void)
{
	return __kuid_val(current_euid());
}

struct user_namespace *anycast6_helper_current_user_ns(void)
{
	return current_user_ns();
}

struct user_namespace *
anycast6_helper_user_ns_parent(const struct user_namespace *ns)
{
	return ns->parent;
}

uid_t anycast6_helper_user_ns_owner(const struct user_namespace *ns)
{
	return __kuid_val(ns->owner);
}

bool anycast6_helper_first_net_admin(void)
{
	return ns_capable_noaudit(&init_user_ns, CAP_NET_ADMIN);
}

struct pid *anycast6_helper_current_tgid(void)
{
	return task_tgid(current);
}

void anycast6_helper_get_pid(struct pid *pid)
{
	get_pid(pid);
}
