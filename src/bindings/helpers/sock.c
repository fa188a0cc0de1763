// SPDX-License-Identifier: GPL-2.0
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
