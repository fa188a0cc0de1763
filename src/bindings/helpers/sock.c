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

bool anycast6_helper_sock_may_have_port(const struct sock *sk, u16 port)
{
	return !inet_port_requires_bind_service(sock_net(sk), port) ||
	       ns_capable(sock_net(sk)->user_ns, CAP_NET_BIND_SERVICE);
}

bool anycast6_helper_sock_is_fresh(const struct sock *sk)
{
	return sk->sk_state == TCP_CLOSE && !inet_sk(sk)->inet_num;
}

void anycast6_helper_sock_set_bound_dev(struct sock *sk, int ifindex)
{
	sk->sk_bound_dev_if = ifindex;
}

void anycast6_helper_sock_set_address(struct sock *sk,
				      const struct in6_addr *addr)
{
	inet_sk(sk)->inet_rcv_saddr = LOOPBACK4_IPV6;
	inet_sk(sk)->inet_saddr = LOOPBACK4_IPV6;
	sk->sk_v6_rcv_saddr = *addr;
	inet6_sk(sk)->saddr = *addr;
}

void anycast6_helper_sock_reset_address(struct sock *sk)
{
	inet_reset_saddr(sk);
}

bool anycast6_helper_sock_v6only(const struct sock *sk)
{
	return sk->sk_ipv6only;
}

void anycast6_helper_sock_set_v6only(struct sock *sk, bool v6only)
{
	sk->sk_ipv6only = v6only;
}

bool anycast6_helper_sock_defers_port(const struct sock *sk)
{
	return inet_test_bit(BIND_ADDRESS_NO_PORT, sk);
}

int anycast6_helper_sock_get_port(struct sock *sk, u16 port)
{
	return sk->sk_prot->get_port(sk, port);
}

void anycast6_helper_sock_put_port(struct sock *sk)
{
	if (sk->sk_prot->put_port)
		sk->sk_prot->put_port(sk);
}

int anycast6_helper_bpf_post_bind(struct sock *sk)
{
	return BPF_CGROUP_RUN_PROG_INET6_POST_BIND(sk);
}

void anycast6_helper_sock_set_bound(struct sock *sk, bool with_port)
{
	sk->sk_userlocks |= SOCK_BINDADDR_LOCK;
	if (with_port)
		sk->sk_userlocks |= SOCK_BINDPORT_LOCK;
	inet_sk(sk)->inet_sport = htons(inet_sk(sk)->inet_num);
	inet_sk(sk)->inet_dport = 0;
	inet_sk(sk)->inet_daddr = 0;
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
