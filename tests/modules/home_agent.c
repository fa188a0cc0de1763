// SPDX-License-Identifier: GPL-2.0
/*
 * A Mobile IPv6 home agent that mobile nodes find by anycast (RFC 6275, 10.5).
 *
 * A mobile node that knows its home link's prefix, but no home agent there,
 * asks the prefix's Mobile IPv6 Home-Agents anycast address (RFC 2526).  One of
 * the link's home agents answers, from an address of its own, with all of them.
 *
 * /sys/kernel/debug/home_agent/ has the files serve and stop.  Writing
 * "DEVICE HOME-AGENT ..." to serve makes this host answer on the link of that
 * device, in the network namespace of the writer.  The home agents are those of
 * the link, most preferred first, thus the same on each of them; this one is the
 * first whose address the device has.  Writing "DEVICE" to stop ends it, and so
 * does the end of the device.
 */
#include <linux/debugfs.h>
#include <linux/icmpv6.h>
#include <linux/inet.h>
#include <linux/ipv6.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/net.h>
#include <linux/netdevice.h>
#include <linux/nsproxy.h>
#include <linux/ratelimit.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>
#include <net/addrconf.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <net/sock.h>
#include <anycast6.h>

/* The prefix of a link with interface identifiers of 64 bits (RFC 4291). */
#define PREFIX_LENGTH	64

/* A reply is never fragmented. */
#define MAX_HOME_AGENTS	((IPV6_MIN_MTU - sizeof(struct ipv6hdr) - \
			  sizeof(struct icmp6hdr)) / sizeof(struct in6_addr))

/*
 * Limited as RFC 4443 asks of errors, for requests may lie about their source;
 * a mobile node that was not answered asks again after 3 seconds.
 */
#define REPLIES_A_SECOND	50

/* A link that this host is a home agent of. */
struct home_link {
	struct list_head list;
	struct net_device *dev;
	netdevice_tracker tracker;
	struct in6_addr anycast;
	const struct in6_addr *self;
	unsigned int count;
	struct in6_addr agents[MAX_HOME_AGENTS];
};

struct home_agent_net {
	struct socket *sock;
	struct work_struct work;
	struct ratelimit_state limit;
	/* Protects links, together with RTNL: changed under both, read under either. */
	struct mutex lock;
	struct list_head links;
};

/* A message as it came in, with the addresses of its IPv6 header. */
struct message {
	struct icmp6hdr icmp;
	int length;
	struct sockaddr_in6 from;
	union {
		struct cmsghdr header;
		u8 space[CMSG_SPACE(sizeof(struct in6_pktinfo))];
	} to;
};

static unsigned int home_agent_net_id;
static struct dentry *dir;

static struct home_agent_net *home_agent_net(const struct net *net)
{
	return net_generic(net, home_agent_net_id);
}

/*
 * A home agent is a router: requests arrive on whichever of its devices is the
 * nearest to the mobile node, so the address alone tells which link is meant.
 */
static struct home_link *find_link(const struct home_agent_net *ha,
				   const struct in6_addr *anycast)
{
	struct home_link *link;

	list_for_each_entry(link, &ha->links, list)
		if (ipv6_addr_equal(&link->anycast, anycast))
			return link;
	return NULL;
}

static struct in6_pktinfo *packet_info(struct message *message)
{
	return CMSG_DATA(&message->to.header);
}

static bool receive(struct socket *sock, struct message *message)
{
	struct kvec vec = { &message->icmp, sizeof(message->icmp) };
	struct msghdr msg = {
		.msg_name = &message->from,
		.msg_control = &message->to,
		.msg_controllen = sizeof(message->to),
	};

	message->length = kernel_recvmsg(sock, &msg, &vec, 1, vec.iov_len,
					 MSG_DONTWAIT);
	return message->length >= 0;
}

/* The socket drops what has a wrong checksum. */
static bool is_request(const struct message *message)
{
	return message->length == sizeof(message->icmp) &&
	       message->icmp.icmp6_type == ICMPV6_DHAAD_REQUEST &&
	       message->icmp.icmp6_code == 0 &&
	       ipv6_addr_type(&message->from.sin6_addr) & IPV6_ADDR_UNICAST;
}

/*
 * To the sender, from this host's own address.  The device the request came in
 * on stays in place: it tells the VRF, and does not prevail over routes.  The
 * socket fills in the checksum, and sends nothing from an address that this host
 * has lost.
 */
static void reply(struct socket *sock, struct home_link *link,
		  struct message *request)
{
	struct icmp6hdr icmp = {
		.icmp6_type = ICMPV6_DHAAD_REPLY,
		.icmp6_identifier = request->icmp.icmp6_identifier,
	};
	struct kvec vec[] = {
		{ &icmp, sizeof(icmp) },
		{ link->agents, link->count * sizeof(link->agents[0]) },
	};
	struct msghdr msg = {
		.msg_name = &request->from,
		.msg_namelen = sizeof(request->from),
		.msg_control = &request->to,
		.msg_controllen = sizeof(request->to),
		.msg_flags = MSG_DONTWAIT,
	};

	packet_info(request)->ipi6_addr = *link->self;
	kernel_sendmsg(sock, &msg, vec, ARRAY_SIZE(vec),
		       vec[0].iov_len + vec[1].iov_len);
}

/* One message a run, so that others get their turn however many come. */
static void answer_next(struct work_struct *work)
{
	struct home_agent_net *ha = container_of(work, struct home_agent_net,
						 work);
	struct message message = {};
	struct home_link *link;

	if (!receive(ha->sock, &message))
		return;
	schedule_work(work);

	mutex_lock(&ha->lock);
	link = find_link(ha, &packet_info(&message)->ipi6_addr);
	if (link && is_request(&message) && __ratelimit(&ha->limit))
		reply(ha->sock, link, &message);
	mutex_unlock(&ha->lock);
}

/* Called in softirq, where nothing may sleep. */
static void data_ready(struct sock *sk)
{
	schedule_work(&home_agent_net(sock_net(sk))->work);
}

/*
 * The kernel itself has no use for these messages, and gives them to raw
 * sockets.  This one is not bound to the anycast address, nor to a device: it
 * serves all links of a namespace, and closing it takes RTNL where multicast is
 * routed, which whoever hears of the end of a device holds already.
 */
static int open_socket(struct net *net, struct socket **sock)
{
	struct icmp6_filter *filter;
	struct sock *sk;
	int err;

	err = sock_create_kern(net, PF_INET6, SOCK_RAW, IPPROTO_ICMPV6, sock);
	if (err)
		return err;

	sk = (*sock)->sk;
	filter = &raw6_sk(sk)->filter;
	memset(filter, 0xff, sizeof(*filter));
	filter->data[ICMPV6_DHAAD_REQUEST / 32] &=
		~(1U << ICMPV6_DHAAD_REQUEST % 32);
	ip6_sock_set_recvpktinfo(sk);

	write_lock_bh(&sk->sk_callback_lock);
	sk->sk_data_ready = data_ready;
	write_unlock_bh(&sk->sk_callback_lock);
	return 0;
}

static int __net_init home_agent_net_init(struct net *net)
{
	struct home_agent_net *ha = home_agent_net(net);

	INIT_WORK(&ha->work, answer_next);
	INIT_LIST_HEAD(&ha->links);
	mutex_init(&ha->lock);
	ratelimit_state_init(&ha->limit, HZ, REPLIES_A_SECOND);
	/* Who is not answered is no business of the log. */
	ratelimit_set_flags(&ha->limit, RATELIMIT_MSG_ON_RELEASE);
	return open_socket(net, &ha->sock);
}

/*
 * The socket keeps no network namespace alive, so it goes before that does.
 * data_ready() may still run here: between pre_exit and the end of @net's
 * home_agent_net lies an RCU grace period.
 */
static void __net_exit home_agent_net_pre_exit(struct net *net)
{
	struct home_agent_net *ha = home_agent_net(net);

	disable_work_sync(&ha->work);
	sock_release(ha->sock);
}

static struct pernet_operations home_agent_net_ops = {
	.init = home_agent_net_init,
	.pre_exit = home_agent_net_pre_exit,
	.id = &home_agent_net_id,
	.size = sizeof(struct home_agent_net),
};

static int parse_agents(struct home_link *link, char *words)
{
	struct in6_addr *agent;
	char *word;

	while ((word = strsep(&words, " "))) {
		if (link->count == MAX_HOME_AGENTS)
			return -E2BIG;
		agent = &link->agents[link->count++];
		if (!in6_pton(word, -1, agent->s6_addr, '\0', NULL) ||
		    !ipv6_prefix_equal(agent, &link->agents[0], PREFIX_LENGTH))
			return -EINVAL;
	}

	if (ipv6_addr_src_scope(&link->agents[0]) != IPV6_ADDR_SCOPE_GLOBAL)
		return -EINVAL;
	return 0;
}

/* RFC 2526: anycast identifier 126 of a prefix with EUI-64 identifiers. */
static void set_anycast(struct home_link *link)
{
	ipv6_addr_prefix(&link->anycast, &link->agents[0], PREFIX_LENGTH);
	link->anycast.s6_addr32[2] = htonl(0xfdffffff);
	link->anycast.s6_addr32[3] = htonl(0xffffff80 | 126);
}

static int find_self(struct home_link *link, struct net_device *dev)
{
	unsigned int i;

	for (i = 0; i < link->count; i++) {
		link->self = &link->agents[i];
		if (ipv6_chk_addr(dev_net(dev), link->self, dev, 1))
			return 0;
	}
	return -EADDRNOTAVAIL;
}

static int add_link(struct home_link *link, struct net_device *dev)
{
	struct home_agent_net *ha = home_agent_net(dev_net(dev));
	int err;

	if (find_link(ha, &link->anycast))
		return -EEXIST;

	err = ipv6_dev_ac_inc(dev, &link->anycast);
	if (err)
		return err;

	link->dev = dev;
	netdev_hold(dev, &link->tracker, GFP_KERNEL);
	mutex_lock(&ha->lock);
	list_add(&link->list, &ha->links);
	mutex_unlock(&ha->lock);
	return 0;
}

static int serve(struct net_device *dev, char *words)
{
	struct home_link *link;
	int err;

	link = kzalloc_obj(*link, GFP_KERNEL);
	if (!link)
		return -ENOMEM;

	err = parse_agents(link, words);
	if (!err)
		err = find_self(link, dev);
	if (!err) {
		set_anycast(link);
		err = add_link(link, dev);
	}
	if (err)
		kfree(link);
	return err;
}

static void remove_link(struct home_link *link)
{
	struct home_agent_net *ha = home_agent_net(dev_net(link->dev));

	mutex_lock(&ha->lock);
	list_del(&link->list);
	mutex_unlock(&ha->lock);
	/* Fails when the group went with the device, as it should have. */
	ipv6_dev_ac_dec(link->dev, &link->anycast);
	netdev_put(link->dev, &link->tracker);
	kfree(link);
}

static int stop(struct net_device *dev, char *words)
{
	struct home_agent_net *ha = home_agent_net(dev_net(dev));
	struct home_link *link, *next;
	int err = -ENOENT;

	list_for_each_entry_safe(link, next, &ha->links, list) {
		if (link->dev == dev) {
			remove_link(link);
			err = 0;
		}
	}
	return err;
}

/*
 * The device is about to go, or to move to another network namespace.  When the
 * notifier is unregistered every device seems to go, which stops everything.
 */
static int device_event(struct notifier_block *nb, unsigned long event,
			void *ptr)
{
	if (event == NETDEV_UNREGISTER)
		stop(netdev_notifier_info_to_dev(ptr), NULL);
	return NOTIFY_DONE;
}

static struct notifier_block device_notifier = {
	.notifier_call = device_event,
};

struct command {
	const char *name;
	int (*func)(struct net_device *dev, char *words);
};

static const struct command commands[] = {
	{ "serve", serve },
	{ "stop", stop },
};

/* Under RTNL no device goes, changes its name or its network namespace. */
static int run_command(const struct command *command, char *words)
{
	struct net_device *dev;
	char *name;
	int err = -ENODEV;

	words = strim(words);
	name = strsep(&words, " ");

	rtnl_lock();
	dev = __dev_get_by_name(current->nsproxy->net_ns, name);
	if (dev)
		err = command->func(dev, words);
	rtnl_unlock();
	return err;
}

static ssize_t command_write(struct file *file, const char __user *buf,
			     size_t count, loff_t *ppos)
{
	const struct command *command = file_inode(file)->i_private;
	char *words;
	int err;

	if (count >= PAGE_SIZE)
		return -E2BIG;

	words = memdup_user_nul(buf, count);
	if (IS_ERR(words))
		return PTR_ERR(words);

	err = run_command(command, words);
	kfree(words);
	return err ? err : count;
}

static const struct file_operations command_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = command_write,
	.llseek = noop_llseek,
};

static int __init home_agent_init(void)
{
	int err, i;

	err = register_pernet_subsys(&home_agent_net_ops);
	if (err)
		return err;

	err = register_netdevice_notifier(&device_notifier);
	if (err)
		goto err_pernet;

	dir = debugfs_create_dir(KBUILD_MODNAME, NULL);
	if (IS_ERR(dir)) {
		err = PTR_ERR(dir);
		goto err_notifier;
	}

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		debugfs_create_file(commands[i].name, 0200, dir,
				    (void *)&commands[i], &command_fops);
	return 0;

err_notifier:
	unregister_netdevice_notifier(&device_notifier);
err_pernet:
	unregister_pernet_subsys(&home_agent_net_ops);
	return err;
}
module_init(home_agent_init);

static void __exit home_agent_exit(void)
{
	debugfs_remove_recursive(dir);
	unregister_netdevice_notifier(&device_notifier);
	unregister_pernet_subsys(&home_agent_net_ops);
}
module_exit(home_agent_exit);

MODULE_DESCRIPTION("Dynamic home agent address discovery of Mobile IPv6");
MODULE_LICENSE("GPL");
