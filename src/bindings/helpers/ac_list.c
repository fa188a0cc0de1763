// SPDX-License-Identifier: GPL-2.0
/* Anycast addresses of a device */

struct ifacaddr6 *anycast6_helper_ac_list_rcu(const struct inet6_dev *idev)
{
	return rcu_dereference(idev->ac_list);
}

struct ifacaddr6 *anycast6_helper_aca_next_rcu(const struct ifacaddr6 *aca)
{
	return rcu_dereference(aca->aca_next);
}

struct ifacaddr6 *anycast6_helper_ac_list_locked(const struct inet6_dev *idev)
{
	return rcu_dereference_protected(idev->ac_list,
					 lockdep_is_held(&idev->lock));
}

struct ifacaddr6 *
anycast6_helper_aca_next_locked(const struct inet6_dev *idev,
				const struct ifacaddr6 *aca)
{
	return rcu_dereference_protected(aca->aca_next,
					 lockdep_is_held(&idev->lock));
}

void anycast6_helper_ac_list_assign(struct inet6_dev *idev,
				    struct ifacaddr6 *aca)
{
	rcu_assign_pointer(idev->ac_list, aca);
}

void anycast6_helper_aca_next_assign(struct ifacaddr6 *prev,
				     struct ifacaddr6 *aca)
{
	rcu_assign_pointer(prev->aca_next, aca);
}

void anycast6_helper_aca_init(struct ifacaddr6 *aca)
{
	refcount_set(&aca->aca_refcnt, 1);
	aca->aca_cstamp = jiffies;
	aca->aca_tstamp = aca->aca_cstamp;
}

void anycast6_helper_aca_get(struct ifacaddr6 *aca)
{
	refcount_inc(&aca->aca_refcnt);
}

bool anycast6_helper_aca_dec_and_test(struct ifacaddr6 *aca)
{
	return refcount_dec_and_test(&aca->aca_refcnt);
}

/* call_rcu_hurry() is a function or a macro, depending on CONFIG_RCU_LAZY. */
void anycast6_helper_aca_call_rcu(struct ifacaddr6 *aca, rcu_callback_t func)
{
	call_rcu_hurry(&aca->rcu, func);
}
