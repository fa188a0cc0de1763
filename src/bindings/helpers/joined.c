// SPDX-License-Identifier: GPL-2.0
/* TCP sockets that have joined a group */

struct anycast6_joined_key {
	struct sock *sk;
	struct in6_addr addr;
	/* u64, so that the key has no padding. */
	u64 ifindex;
};

struct anycast6_joined {
	struct rhlist_head node;
	struct anycast6_joined_key key;
	struct rcu_head rcu;
};

static const struct rhashtable_params anycast6_joined_params = {
	.head_offset = offsetof(struct anycast6_joined, node),
	.key_offset = offsetof(struct anycast6_joined, key),
	.key_len = sizeof(struct anycast6_joined_key),
	.automatic_shrinking = true,
};

int anycast6_helper_joined_init(struct rhltable *table)
{
	return rhltable_init(table, &anycast6_joined_params);
}

void anycast6_helper_joined_destroy(struct rhltable *table)
{
	rhltable_destroy(table);
}

int anycast6_helper_joined_insert(struct rhltable *table,
				  struct anycast6_joined *joined)
{
	return rhltable_insert(table, &joined->node, anycast6_joined_params);
}

void anycast6_helper_joined_remove(struct rhltable *table,
				   struct anycast6_joined *joined)
{
	rhltable_remove(table, &joined->node, anycast6_joined_params);
	kfree_rcu(joined, rcu);
}

bool anycast6_helper_joined_find(struct rhltable *table,
				 const struct anycast6_joined_key *key)
{
	return rhltable_lookup(table, key, anycast6_joined_params);
}
