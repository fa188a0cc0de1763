// SPDX-License-Identifier: GPL-2.0
/* Index of all groups */

struct anycast6_net_key {
	struct net *net;
	struct in6_addr addr;
};

struct anycast6_device_key {
	struct in6_addr addr;
	struct net_device *dev;
};

struct anycast6_entry {
	struct rhash_head by_device;
	struct rhlist_head by_net;
	/* The two keys, which overlap. */
	struct net *net;
	struct in6_addr addr;
	struct net_device *dev;
	/* Both hold a reference. Written under idev->lock. */
	struct ifacaddr6 __rcu *listed;
	struct ifacaddr6 *newer;
	unsigned long slot;
	bool adopted;
	bool exported;
	struct rcu_head rcu;
};

static_assert(sizeof(struct anycast6_net_key) ==
	      offsetofend(struct anycast6_entry, addr) -
	      offsetof(struct anycast6_entry, net));
static_assert(sizeof(struct anycast6_device_key) ==
	      offsetofend(struct anycast6_entry, dev) -
	      offsetof(struct anycast6_entry, addr));

static const struct rhashtable_params anycast6_by_device_params = {
	.head_offset = offsetof(struct anycast6_entry, by_device),
	.key_offset = offsetof(struct anycast6_entry, addr),
	.key_len = sizeof(struct anycast6_device_key),
	.automatic_shrinking = true,
};

static const struct rhashtable_params anycast6_by_net_params = {
	.head_offset = offsetof(struct anycast6_entry, by_net),
	.key_offset = offsetof(struct anycast6_entry, net),
	.key_len = sizeof(struct anycast6_net_key),
	.automatic_shrinking = true,
};

int anycast6_helper_index_by_device_init(struct rhashtable *by_device)
{
	return rhashtable_init(by_device, &anycast6_by_device_params);
}

int anycast6_helper_index_by_net_init(struct rhltable *by_net)
{
	return rhltable_init(by_net, &anycast6_by_net_params);
}

void anycast6_helper_index_by_net_destroy(struct rhltable *by_net)
{
	rhltable_destroy(by_net);
}

int anycast6_helper_index_add_device(struct rhashtable *by_device,
				     struct anycast6_entry *entry)
{
	return rhashtable_lookup_insert_fast(by_device, &entry->by_device,
					     anycast6_by_device_params);
}

int anycast6_helper_index_add_net(struct rhltable *by_net,
				  struct anycast6_entry *entry)
{
	return rhltable_insert(by_net, &entry->by_net, anycast6_by_net_params);
}

void anycast6_helper_index_del_device(struct rhashtable *by_device,
				      struct anycast6_entry *entry)
{
	rhashtable_remove_fast(by_device, &entry->by_device,
			       anycast6_by_device_params);
}

void anycast6_helper_index_del_net(struct rhltable *by_net,
				   struct anycast6_entry *entry)
{
	rhltable_remove(by_net, &entry->by_net, anycast6_by_net_params);
}

void anycast6_helper_entry_free(struct anycast6_entry *entry)
{
	kfree_rcu(entry, rcu);
}

struct anycast6_entry *
anycast6_helper_index_on_device(struct rhashtable *by_device,
				const struct anycast6_device_key *key)
{
	return rhashtable_lookup(by_device, key, anycast6_by_device_params);
}

struct anycast6_entry *
anycast6_helper_index_in_net(struct rhltable *by_net,
			     const struct anycast6_net_key *key)
{
	struct rhlist_head *first;

	first = rhltable_lookup(by_net, key, anycast6_by_net_params);
	return first ? container_of(first, struct anycast6_entry, by_net) : NULL;
}

struct anycast6_entry *
anycast6_helper_index_next(const struct anycast6_entry *entry)
{
	struct rhlist_head *next = rcu_dereference(entry->by_net.next);

	return next ? container_of(next, struct anycast6_entry, by_net) : NULL;
}

struct ifacaddr6 *
anycast6_helper_entry_listed(const struct anycast6_entry *entry)
{
	return rcu_dereference(entry->listed);
}

struct ifacaddr6 *
anycast6_helper_entry_replace_listed(struct anycast6_entry *entry,
				     struct ifacaddr6 *listed)
{
	return rcu_replace_pointer(entry->listed, listed, true);
}
