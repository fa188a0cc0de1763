// SPDX-License-Identifier: GPL-2.0
/* Deferred work */

struct workqueue_struct *anycast6_helper_make_queue(const char *name,
						    unsigned int at_once)
{
	return alloc_workqueue("%s", WQ_UNBOUND, at_once, name);
}

void anycast6_helper_init_work(struct delayed_work *work, work_func_t func)
{
	INIT_DELAYED_WORK(work, func);
}

/* Brings forward a later time. */
void anycast6_helper_work_now(struct workqueue_struct *queue,
			      struct delayed_work *work)
{
	mod_delayed_work(queue, work, 0);
}

/* Keeps an earlier time. */
void anycast6_helper_work_after(struct workqueue_struct *queue,
				struct delayed_work *work, unsigned int msecs)
{
	queue_delayed_work(queue, work, msecs_to_jiffies(msecs));
}
