// SPDX-License-Identifier: GPL-2.0
/* Deferred work */

void anycast6_helper_init_work(struct delayed_work *work, work_func_t func)
{
	INIT_DELAYED_WORK(work, func);
}

/* Brings a later appointment forward. */
void anycast6_helper_queue_work(struct delayed_work *work, unsigned int msecs)
{
	mod_delayed_work(system_dfl_wq, work, msecs_to_jiffies(msecs));
}
