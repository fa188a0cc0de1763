/* SPDX-License-Identifier: GPL-2.0 */
/* Inline functions and macros of the kernel, made callable from Rust. */
#ifndef _ANYCAST6_HELPERS_H
#define _ANYCAST6_HELPERS_H

#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/pid.h>
#include <linux/rhashtable-types.h>
#include <linux/user_namespace.h>
#include <linux/workqueue.h>
#include <net/addrconf.h>
#include <net/if_inet6.h>
#include <net/ip6_fib.h>
#include <net/ipv6.h>

/* Network namespace */
struct net *anycast6_helper_sock_net(const struct sock *sk);
struct net *anycast6_helper_dev_net(const struct net_device *dev);
bool anycast6_helper_net_admin(const struct net *net);
bool anycast6_helper_net_forwards(const struct net *net);
s32 *anycast6_helper_net_all_disable_ipv6(const struct net *net);
s32 *anycast6_helper_net_dflt_disable_ipv6(const struct net *net);
u32 anycast6_helper_addr_hash(const struct net *net,
			      const struct in6_addr *addr);
void *anycast6_helper_net_generic(const struct net *net, unsigned int id);
bool anycast6_helper_net_ratelimit(void);

/* Device */
void anycast6_helper_dev_hold(struct net_device *dev);
void anycast6_helper_dev_put(struct net_device *dev);
int anycast6_helper_dev_ifindex(const struct net_device *dev);
void anycast6_helper_dev_name(const struct net_device *dev, char *name);
bool anycast6_helper_dev_up(const struct net_device *dev);
bool anycast6_helper_dev_up_no_loopback(const struct net_device *dev);
bool anycast6_helper_dev_solicits(const struct net_device *dev);
bool anycast6_helper_dev_no_addrconf(const struct net_device *dev);
bool anycast6_helper_dev_is_bridge(const struct net_device *dev);
bool anycast6_helper_dev_is_lag(const struct net_device *dev);
int anycast6_helper_dev_l3_master(struct net_device *dev);
u32 anycast6_helper_dev_local_table(const struct net_device *dev);
struct net_device *anycast6_helper_first_dev(struct net *net);
struct net_device *anycast6_helper_next_dev(struct net_device *dev);
struct net_device *anycast6_helper_first_dev_rcu(struct net *net);
struct net_device *anycast6_helper_next_dev_rcu(struct net_device *dev);

/* IPv6 state of a device */
struct inet6_dev *anycast6_helper_in6_dev_get(const struct net_device *dev);
struct inet6_dev *anycast6_helper_in6_dev_rcu(const struct net_device *dev);
void anycast6_helper_in6_dev_hold(struct inet6_dev *idev);
void anycast6_helper_in6_dev_put(struct inet6_dev *idev);
struct net_device *anycast6_helper_idev_dev(const struct inet6_dev *idev);
bool anycast6_helper_idev_dead(const struct inet6_dev *idev);
s32 *anycast6_helper_idev_disable_ipv6(struct inet6_dev *idev);
bool anycast6_helper_idev_forwards(const struct inet6_dev *idev);
struct inet6_ifaddr *
anycast6_helper_idev_first_ifaddr_rcu(struct inet6_dev *idev);
struct inet6_ifaddr *
anycast6_helper_idev_next_ifaddr_rcu(struct inet6_dev *idev,
				     struct inet6_ifaddr *ifa);
struct ifmcaddr6 *anycast6_helper_mc_list_rcu(const struct inet6_dev *idev);
struct ifmcaddr6 *anycast6_helper_mc_next_rcu(const struct ifmcaddr6 *mc);
void anycast6_helper_idev_write_lock_bh(struct inet6_dev *idev);
void anycast6_helper_idev_write_unlock_bh(struct inet6_dev *idev);

/* Anycast addresses of a device */
struct ifacaddr6 *anycast6_helper_ac_list_rcu(const struct inet6_dev *idev);
struct ifacaddr6 *anycast6_helper_aca_next_rcu(const struct ifacaddr6 *aca);
struct ifacaddr6 *
anycast6_helper_ac_list_locked(const struct inet6_dev *idev);
struct ifacaddr6 *
anycast6_helper_aca_next_locked(const struct inet6_dev *idev,
				const struct ifacaddr6 *aca);
void anycast6_helper_ac_list_assign(struct inet6_dev *idev,
				    struct ifacaddr6 *aca);
void anycast6_helper_aca_next_assign(struct ifacaddr6 *prev,
				     struct ifacaddr6 *aca);
void anycast6_helper_aca_init(struct ifacaddr6 *aca);
void anycast6_helper_aca_get(struct ifacaddr6 *aca);
bool anycast6_helper_aca_dec_and_test(struct ifacaddr6 *aca);
void anycast6_helper_aca_call_rcu(struct ifacaddr6 *aca, rcu_callback_t func);

/* Hash of all anycast addresses */
u32 anycast6_helper_hash_32(u32 val, unsigned int bits);
void anycast6_helper_hash_add_rcu(struct ifacaddr6 *aca,
				  struct hlist_head *head);
void anycast6_helper_hash_del_rcu(struct ifacaddr6 *aca);
void anycast6_helper_hash_replace_rcu(struct ifacaddr6 *old,
				      struct ifacaddr6 *new);
struct ifacaddr6 *anycast6_helper_hash_first_rcu(struct hlist_head *head);
struct ifacaddr6 *anycast6_helper_hash_next_rcu(struct ifacaddr6 *aca);

/* Route */
void anycast6_helper_fib6_info_hold(struct fib6_info *f6i);
void anycast6_helper_fib6_info_release(struct fib6_info *f6i);
struct net_device *anycast6_helper_fib6_info_nh_dev(struct fib6_info *f6i);
struct fib6_nh *anycast6_helper_fib6_info_nh(struct fib6_info *f6i);
void anycast6_helper_fib6_info_call_rcu(struct fib6_info *f6i,
					void (*func)(struct rcu_head *head));
struct fib6_info *anycast6_helper_fib6_info_of_rcu(struct rcu_head *head);
struct nexthop *anycast6_helper_fib6_info_nexthop(const struct fib6_info *f6i);
bool anycast6_helper_fib6_info_in_table(const struct fib6_info *f6i);
u32 anycast6_helper_fib6_info_table(const struct fib6_info *f6i);
const struct rt6key *anycast6_helper_fib6_info_dst(const struct fib6_info *f6i);
struct net_device *anycast6_helper_rt6_dev_rcu(const struct rt6_info *rt);
void anycast6_helper_rt6_put(struct rt6_info *rt);

/* Socket */
struct ipv6_ac_socklist **anycast6_helper_sock_ac_list(const struct sock *sk);
int (*anycast6_helper_sock_own_bind(const struct sock *sk))
	(struct sock *sk, struct sockaddr_unsized *uaddr, int len);
int anycast6_helper_sock_bound_dev(const struct sock *sk);
int anycast6_helper_bpf_bind(struct sock *sk, struct sockaddr_unsized *uaddr,
			     int *len, u32 *flags);
bool anycast6_helper_sock_may_have_port(const struct sock *sk, u16 port);
bool anycast6_helper_sock_is_fresh(const struct sock *sk);
void anycast6_helper_sock_set_bound_dev(struct sock *sk, int ifindex);
void anycast6_helper_sock_set_address(struct sock *sk,
				      const struct in6_addr *addr);
void anycast6_helper_sock_reset_address(struct sock *sk);
bool anycast6_helper_sock_v6only(const struct sock *sk);
void anycast6_helper_sock_set_v6only(struct sock *sk, bool v6only);
bool anycast6_helper_sock_defers_port(const struct sock *sk);
int anycast6_helper_sock_get_port(struct sock *sk, u16 port);
void anycast6_helper_sock_put_port(struct sock *sk);
int anycast6_helper_bpf_post_bind(struct sock *sk);
void anycast6_helper_sock_set_bound(struct sock *sk, bool with_port);
void anycast6_helper_lock_sock(struct sock *sk);
bool anycast6_helper_sock_is_tcp(const struct sock *sk);
const struct in6_addr *
anycast6_helper_sock_bound_address(const struct sock *sk);
bool anycast6_helper_sock_try_lock(struct sock *sk);
bool anycast6_helper_sock_owned(const struct sock *sk);
void anycast6_helper_sock_unlock(struct sock *sk);

/* TCP sockets that have joined a group */
struct anycast6_joined_key {
	struct sock *sk;
	struct in6_addr addr;
	/* As wide as there is no padding. */
	u64 ifindex;
};

struct anycast6_joined {
	struct rhlist_head node;
	struct anycast6_joined_key key;
	struct rcu_head rcu;
};

int anycast6_helper_joined_init(struct rhltable *table);
void anycast6_helper_joined_destroy(struct rhltable *table);
int anycast6_helper_joined_insert(struct rhltable *table,
				  struct anycast6_joined *joined);
void anycast6_helper_joined_remove(struct rhltable *table,
				   struct anycast6_joined *joined);
bool anycast6_helper_joined_find(struct rhltable *table,
				 const struct anycast6_joined_key *key);

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
	/* Both with a reference, written under idev->lock. */
	struct ifacaddr6 __rcu *listed;
	struct ifacaddr6 *newer;
	unsigned long slot;
	bool adopted;
	struct rcu_head rcu;
};

int anycast6_helper_index_by_device_init(struct rhashtable *by_device);
int anycast6_helper_index_by_net_init(struct rhltable *by_net);
void anycast6_helper_index_by_net_destroy(struct rhltable *by_net);
int anycast6_helper_index_add_device(struct rhashtable *by_device,
				     struct anycast6_entry *entry);
int anycast6_helper_index_add_net(struct rhltable *by_net,
				  struct anycast6_entry *entry);
void anycast6_helper_index_del_device(struct rhashtable *by_device,
				      struct anycast6_entry *entry);
void anycast6_helper_index_del_net(struct rhltable *by_net,
				   struct anycast6_entry *entry);
void anycast6_helper_entry_free(struct anycast6_entry *entry);
struct anycast6_entry *
anycast6_helper_index_on_device(struct rhashtable *by_device,
				const struct anycast6_device_key *key);
struct anycast6_entry *
anycast6_helper_index_in_net(struct rhltable *by_net,
			     const struct anycast6_net_key *key);
struct anycast6_entry *
anycast6_helper_index_next(const struct anycast6_entry *entry);
struct ifacaddr6 *
anycast6_helper_entry_listed(const struct anycast6_entry *entry);
struct ifacaddr6 *
anycast6_helper_entry_replace_listed(struct anycast6_entry *entry,
				     struct ifacaddr6 *listed);

/* Packet */
bool anycast6_helper_skb_is_ipv4(const struct sk_buff *skb);
bool anycast6_helper_skb_is_unicast(const struct sk_buff *skb);
const struct in6_addr *anycast6_helper_skb_source(const struct sk_buff *skb);
const struct in6_addr *
anycast6_helper_skb_destination(const struct sk_buff *skb);
int anycast6_helper_skb_iif(const struct sk_buff *skb);
void anycast6_helper_listendrop(const struct sock *sk);
void anycast6_helper_count_header_error(const struct sock *sk);

/* Events */
struct net_device *anycast6_helper_notifier_dev(const void *info);
int anycast6_helper_notifier_from_errno(int err);
bool anycast6_helper_is_livepatch(struct module *module);
void anycast6_helper_extack_held(struct netlink_ext_ack *extack);

/* Users and processes */
uid_t anycast6_helper_current_euid(void);
struct user_namespace *anycast6_helper_current_user_ns(void);
struct user_namespace *
anycast6_helper_user_ns_parent(const struct user_namespace *ns);
uid_t anycast6_helper_user_ns_owner(const struct user_namespace *ns);
bool anycast6_helper_first_net_admin(void);
struct pid *anycast6_helper_current_tgid(void);
void anycast6_helper_get_pid(struct pid *pid);

/* Deferred work */
void anycast6_helper_init_work(struct delayed_work *work, work_func_t func);
struct workqueue_struct *anycast6_helper_make_queue(const char *name,
						    unsigned int at_once);
void anycast6_helper_work_now(struct workqueue_struct *queue,
			      struct delayed_work *work);
void anycast6_helper_work_after(struct workqueue_struct *queue,
				struct delayed_work *work, unsigned int msecs);

/* Netlink message */
struct sk_buff *anycast6_helper_ifacaddr_msg_new(void);
void anycast6_helper_kfree_skb(struct sk_buff *skb);

/* /proc file */
struct net *anycast6_helper_seq_file_net(struct seq_file *seq);
struct net *anycast6_helper_seq_single_net(struct seq_file *seq);
struct proc_dir_entry *
anycast6_helper_proc_create(struct net *net, const char *name, umode_t mode,
			    int (*show)(struct seq_file *seq, void *data));
struct proc_dir_entry *
anycast6_helper_proc_create_seq(struct net *net, const char *name, umode_t mode,
				const struct seq_operations *operations,
				unsigned int state_size);
void anycast6_helper_proc_remove(struct net *net, const char *name);
u64 anycast6_helper_seq_index(const struct seq_file *seq);
void *anycast6_helper_seq_private(const struct seq_file *seq);

/* RCU, preemption, spinlocks, mutexes, and system calls that begin again */
int anycast6_helper_restart_syscall(void);
void anycast6_helper_rcu_read_unlock(void);
void anycast6_helper_preempt_disable(void);
void anycast6_helper_preempt_enable(void);
void anycast6_helper_mutex_lock(struct mutex *lock);
void anycast6_helper_mutex_unlock(struct mutex *lock);
void anycast6_helper_spin_lock_bh(spinlock_t *lock);
void anycast6_helper_spin_unlock_bh(spinlock_t *lock);

#endif /* _ANYCAST6_HELPERS_H */
