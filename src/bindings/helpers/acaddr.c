// SPDX-License-Identifier: GPL-2.0
/* Hash of all anycast addresses */

u32 anycast6_helper_hash_32(u32 val, unsigned int bits)
{
	return hash_32(val, bits);
}

void anycast6_helper_hash_add_rcu(struct ifacaddr6 *aca,
				  struct hlist_head *head)
{
	hlist_add_head_rcu(&aca->aca_addr_lst, head);
}

void anycast6_helper_hash_del_rcu(struct ifacaddr6 *aca)
{
	hlist_del_init_rcu(&aca->aca_addr_lst);
}

void anycast6_helper_hash_replace_rcu(struct ifacaddr6 *old,
				      struct ifacaddr6 *new)
{
	hlist_replace_rcu(&old->aca_addr_lst, &new->aca_addr_lst);
	/* Mark it as unhashed, as hlist_del_init_rcu() does. */
	old->aca_addr_lst.pprev = NULL;
}

struct ifacaddr6 *anycast6_helper_hash_first_rcu(struct hlist_head *head)
{
	return hlist_entry_safe(rcu_dereference(hlist_first_rcu(head)),
				struct ifacaddr6, aca_addr_lst);
}

struct ifacaddr6 *anycast6_helper_hash_next_rcu(struct ifacaddr6 *aca)
{
	return hlist_entry_safe(rcu_dereference(hlist_next_rcu(&aca->aca_addr_lst)),
				struct ifacaddr6, aca_addr_lst);
}
