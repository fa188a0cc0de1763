// SPDX-License-Identifier: GPL-2.0
/*
 * Inline functions and macros of the kernel, made callable from Rust: one use
 * each and no logic.  Who calls them, with what held, stands in src/sys.
 */
#include <linux/bpf-cgroup.h>
#include <linux/capability.h>
#include <linux/hash.h>
#include <linux/jiffies.h>
#include <linux/net.h>
#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <linux/preempt.h>
#include <linux/proc_fs.h>
#include <linux/rculist.h>
#include <linux/rhashtable.h>
#include <linux/rcupdate.h>
#include <linux/seq_file_net.h>
#include <linux/string.h>
#include <linux/workqueue.h>
#include <net/addrconf.h>
#include <net/if_inet6.h>
#include <net/inet_common.h>
#include <net/inet_sock.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/netlink.h>
#include <net/netns/generic.h>
#include <net/nexthop.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "helpers.h"

/* Network namespace */

struct net *anycast6_helper_sock_net(const struct sock *sk)
{
	return sock_net(sk);
}

struct net *anycast6_helper_dev_net(const struct net_device *dev)
{
	return dev_net(dev);
}

bool anycast6_helper_net_admin(const struct net *net)
{
	return ns_capable(net->user_ns, CAP_NET_ADMIN);
}

bool anycast6_helper_net_forwards(const struct net *net)
{
	return READ_ONCE(net->ipv6.devconf_all->forwarding);
}

u32 anycast6_helper_addr_hash(const struct net *net,
			      const struct in6_addr *addr)
{
	return __ipv6_addr_jhash(addr, net_hash_mix(net));
}

/* Device */

void anycast6_helper_dev_hold(struct net_device *dev)
{
	dev_hold(dev);
}

void anycast6_helper_dev_put(struct net_device *dev)
{
	dev_put(dev);
}

int anycast6_helper_dev_ifindex(const struct net_device *dev)
{
	return READ_ONCE(dev->ifindex);
}

void anycast6_helper_dev_name(const struct net_device *dev, char *name)
{
	strscpy(name, dev->name, IFNAMSIZ);
}

bool anycast6_helper_dev_up(const struct net_device *dev)
{
	return READ_ONCE(dev->flags) & IFF_UP;
}

bool anycast6_helper_dev_up_no_loopback(const struct net_device *dev)
{
	return (READ_ONCE(dev->flags) & (IFF_UP | IFF_LOOPBACK)) == IFF_UP;
}

bool anycast6_helper_dev_solicits(const struct net_device *dev)
{
	return !(READ_ONCE(dev->flags) & (IFF_LOOPBACK | IFF_NOARP));
}

u32 anycast6_helper_dev_local_table(const struct net_device *dev)
{
	return l3mdev_fib_table(dev) ? : RT6_TABLE_LOCAL;
}

void anycast6_helper_solicited_node(const struct in6_addr *addr,
				    struct in6_addr *group)
{
	addrconf_addr_solict_mult(addr, group);
}

struct net_device *anycast6_helper_first_dev_rcu(struct net *net)
{
	return list_first_or_null_rcu(&net->dev_base_head, struct net_device,
				      dev_list);
}

struct net_device *anycast6_helper_next_dev_rcu(struct net_device *dev)
{
	return next_net_device_rcu(dev);
}

/* IPv6 state of a device */

struct inet6_dev *anycast6_helper_in6_dev_get(const struct net_device *dev)
{
	return in6_dev_get(dev);
}

struct inet6_dev *anycast6_helper_in6_dev_rcu(const struct net_device *dev)
{
	return in6_dev_rcu(dev);
}

void anycast6_helper_in6_dev_hold(struct inet6_dev *idev)
{
	in6_dev_hold(idev);
}

void anycast6_helper_in6_dev_put(struct inet6_dev *idev)
{
	in6_dev_put(idev);
}

struct net_device *anycast6_helper_idev_dev(const struct inet6_dev *idev)
{
	return idev->dev;
}

bool anycast6_helper_idev_dead(const struct inet6_dev *idev)
{
	return idev->dead;
}

bool anycast6_helper_idev_disabled(const struct inet6_dev *idev)
{
	return READ_ONCE(idev->cnf.disable_ipv6);
}

struct inet6_ifaddr *
anycast6_helper_idev_first_ifaddr_rcu(struct inet6_dev *idev)
{
	return list_first_or_null_rcu(&idev->addr_list, struct inet6_ifaddr,
				      if_list);
}

struct inet6_ifaddr *
anycast6_helper_idev_next_ifaddr_rcu(struct inet6_dev *idev,
				     struct inet6_ifaddr *ifa)
{
	return list_next_or_null_rcu(&idev->addr_list, &ifa->if_list,
				     struct inet6_ifaddr, if_list);
}

bool anycast6_helper_idev_forwards(const struct inet6_dev *idev)
{
	return READ_ONCE(idev->cnf.forwarding);
}

void anycast6_helper_idev_write_lock_bh(struct inet6_dev *idev)
{
	write_lock_bh(&idev->lock);
}

void anycast6_helper_idev_write_unlock_bh(struct inet6_dev *idev)
{
	write_unlock_bh(&idev->lock);
}

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

/* A function or a macro, depending on CONFIG_RCU_LAZY. */
void anycast6_helper_aca_call_rcu(struct ifacaddr6 *aca, rcu_callback_t func)
{
	call_rcu_hurry(&aca->rcu, func);
}

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
	/* As hlist_del_init_rcu() does: it is in no list any more. */
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

void anycast6_helper_spin_lock_bh(spinlock_t *lock)
{
	spin_lock_bh(lock);
}

void anycast6_helper_spin_unlock_bh(spinlock_t *lock)
{
	spin_unlock_bh(lock);
}

/* Route */

void anycast6_helper_fib6_info_hold(struct fib6_info *f6i)
{
	fib6_info_hold(f6i);
}

void anycast6_helper_fib6_info_release(struct fib6_info *f6i)
{
	fib6_info_release(f6i);
}

struct net_device *anycast6_helper_fib6_info_nh_dev(struct fib6_info *f6i)
{
	return fib6_info_nh_dev(f6i);
}

struct fib6_nh *anycast6_helper_fib6_info_nh(struct fib6_info *f6i)
{
	return f6i->fib6_nh;
}

bool anycast6_helper_fib6_info_in_table(const struct fib6_info *f6i)
{
	return rcu_access_pointer(f6i->fib6_node);
}

u32 anycast6_helper_fib6_info_table(const struct fib6_info *f6i)
{
	return f6i->fib6_table->tb6_id;
}

const struct rt6key *anycast6_helper_fib6_info_dst(const struct fib6_info *f6i)
{
	return &f6i->fib6_dst;
}

struct net_device *anycast6_helper_rt6_dev_rcu(const struct rt6_info *rt)
{
	return dst_dev_rcu(&rt->dst);
}

void anycast6_helper_rt6_put(struct rt6_info *rt)
{
	ip6_rt_put(rt);
}

/* Socket */

struct ipv6_ac_socklist **anycast6_helper_sock_ac_list(const struct sock *sk)
{
	return &inet6_sk(sk)->ipv6_ac_list;
}

int (*anycast6_helper_sock_own_bind(const struct sock *sk))
	(struct sock *sk, struct sockaddr_unsized *uaddr, int len)
{
	return READ_ONCE(sk->sk_prot)->bind;
}

int anycast6_helper_sock_bound_dev(const struct sock *sk)
{
	return READ_ONCE(sk->sk_bound_dev_if);
}

int anycast6_helper_bpf_bind(struct sock *sk, struct sockaddr_unsized *uaddr,
			     int *len, u32 *flags)
{
	return BPF_CGROUP_RUN_PROG_INET_BIND_LOCK(sk, uaddr, len,
						  CGROUP_INET6_BIND, flags);
}

bool anycast6_helper_freebind(struct sock *sk)
{
	return inet_test_bit(FREEBIND, sk);
}

void anycast6_helper_set_freebind(struct sock *sk, bool freebind)
{
	inet_assign_bit(FREEBIND, sk, freebind);
}

void anycast6_helper_lock_sock(struct sock *sk)
{
	lock_sock(sk);
}

void anycast6_helper_preempt_disable(void)
{
	preempt_disable();
}

void anycast6_helper_preempt_enable(void)
{
	preempt_enable();
}

bool anycast6_helper_sock_is_tcp(const struct sock *sk)
{
	return sk_is_tcp(sk);
}

const struct in6_addr *
anycast6_helper_sock_bound_address(const struct sock *sk)
{
	return &sk->sk_v6_rcv_saddr;
}

bool anycast6_helper_sock_try_lock(struct sock *sk)
{
	return spin_trylock_bh(&sk->sk_lock.slock);
}

bool anycast6_helper_sock_owned(const struct sock *sk)
{
	return sock_owned_by_user(sk);
}

void anycast6_helper_sock_unlock(struct sock *sk)
{
	spin_unlock_bh(&sk->sk_lock.slock);
}

/* TCP sockets that have joined a group */

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

/* Index of all groups */

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

/* Packet */

bool anycast6_helper_skb_is_ipv4(const struct sk_buff *skb)
{
	return skb->protocol == htons(ETH_P_IP);
}

bool anycast6_helper_skb_is_unicast(const struct sk_buff *skb)
{
	return ipv6_unicast_destination(skb);
}

const struct in6_addr *anycast6_helper_skb_source(const struct sk_buff *skb)
{
	return &ipv6_hdr(skb)->saddr;
}

const struct in6_addr *
anycast6_helper_skb_destination(const struct sk_buff *skb)
{
	return &ipv6_hdr(skb)->daddr;
}

/* TCP has taken skb->dev away by then. */
int anycast6_helper_skb_iif(const struct sk_buff *skb)
{
	return tcp_v6_iif_l3_slave(skb);
}

void anycast6_helper_listendrop(const struct sock *sk)
{
	tcp_listendrop(sk);
}

void anycast6_helper_count_header_error(const struct sock *sk)
{
	__IP6_INC_STATS(sock_net(sk), NULL, IPSTATS_MIB_INHDRERRORS);
}

/* Events */

void *anycast6_helper_net_generic(const struct net *net, unsigned int id)
{
	return net_generic(net, id);
}

struct net_device *anycast6_helper_notifier_dev(const void *info)
{
	return netdev_notifier_info_to_dev(info);
}

int anycast6_helper_notifier_from_errno(int err)
{
	return notifier_from_errno(err);
}

void anycast6_helper_extack_held(struct netlink_ext_ack *extack)
{
	NL_SET_ERR_MSG(extack,
		       "The address is an anycast group that a program holds on this device");
}

bool anycast6_helper_net_ratelimit(void)
{
	return net_ratelimit();
}

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

/* Netlink message and /proc file */

struct sk_buff *anycast6_helper_ifacaddr_msg_new(void)
{
	return nlmsg_new(NLMSG_ALIGN(sizeof(struct ifaddrmsg)) +
			 nla_total_size(sizeof(struct in6_addr)) +
			 nla_total_size(sizeof(struct ifa_cacheinfo)),
			 GFP_KERNEL);
}

void anycast6_helper_kfree_skb(struct sk_buff *skb)
{
	kfree_skb(skb);
}

struct net *anycast6_helper_seq_file_net(struct seq_file *seq)
{
	return seq_file_net(seq);
}

struct net *anycast6_helper_seq_single_net(struct seq_file *seq)
{
	return seq_file_single_net(seq);
}

struct proc_dir_entry *
anycast6_helper_proc_create(struct net *net, const char *name, umode_t mode,
			    int (*show)(struct seq_file *seq, void *data))
{
	return proc_create_net_single(name, mode, net->proc_net, show, NULL);
}

void anycast6_helper_proc_remove(struct net *net, const char *name)
{
	remove_proc_entry(name, net->proc_net);
}

u64 anycast6_helper_seq_index(const struct seq_file *seq)
{
	return seq->index;
}

void *anycast6_helper_seq_private(const struct seq_file *seq)
{
	return seq->private;
}

void anycast6_helper_rcu_read_unlock(void)
{
	rcu_read_unlock();
}
