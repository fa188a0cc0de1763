// SPDX-License-Identifier: GPL-2.0
/* RCU, preemption, spinlocks, mutexes, and restarts of system calls */

int anycast6_helper_restart_syscall(void)
{
	return restart_syscall();
}

void anycast6_helper_rcu_read_unlock(void)
{
	rcu_read_unlock();
}

void anycast6_helper_preempt_disable(void)
{
	preempt_disable();
}

void anycast6_helper_preempt_enable(void)
{
	preempt_enable();
}

void anycast6_helper_spin_lock_bh(spinlock_t *lock)
{
	spin_lock_bh(lock);
}

void anycast6_helper_spin_unlock_bh(spinlock_t *lock)
{
	spin_unlock_bh(lock);
}

void anycast6_helper_mutex_lock(struct mutex *lock)
{
	mutex_lock(lock);
}

void anycast6_helper_mutex_unlock(struct mutex *lock)
{
	mutex_unlock(lock);
}
