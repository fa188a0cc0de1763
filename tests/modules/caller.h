/* SPDX-License-Identifier: GPL-2.0 */
/*
 * In-kernel caller of the anycast6 API, driven through debugfs by the scenarios.
 * To be included, once, by a module that has declared the functions.
 *
 * /sys/kernel/debug/NAME/, NAME being the module's, has the files inc, dec and
 * chk.  Writing "DEVICE ADDRESS" calls the function of that name in the network
 * namespace of the writer; write() fails with what the function returned, and chk
 * with -ENOENT when the answer is no.  chk takes the device "-" for any device.
 * bare_inc and bare_dec call without what the project's header makes of calls;
 * last_inc and last_dec, too, as the last thing that a function does which the
 * kernel has called.
 */
#include <linux/debugfs.h>
#include <linux/inet.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/nsproxy.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/uaccess.h>
#include <net/addrconf.h>

static bool leave_held;
module_param(leave_held, bool, 0644);
MODULE_PARM_DESC(leave_held, "leave what is still held behind at exit");

/* One successful inc that was not given back yet. */
struct held {
	struct list_head list;
	struct net_device *dev;
	netdevice_tracker tracker;
	struct in6_addr addr;
};

static LIST_HEAD(held_list);
static DEFINE_MUTEX(held_lock);
static struct dentry *dir;

static struct held *find_held(struct net_device *dev,
			      const struct in6_addr *addr)
{
	struct held *held;

	list_for_each_entry(held, &held_list, list)
		if (held->dev == dev && ipv6_addr_equal(&held->addr, addr))
			return held;
	return NULL;
}

static void forget(struct held *held)
{
	list_del(&held->list);
	netdev_put(held->dev, &held->tracker);
	kfree(held);
}

static int call_inc(struct net *net, struct net_device *dev,
		    const struct in6_addr *addr)
{
	struct held *held;
	int err;

	held = kzalloc_obj(*held, GFP_KERNEL);
	if (!held)
		return -ENOMEM;

	err = ipv6_dev_ac_inc(dev, addr);
	if (err) {
		kfree(held);
		return err;
	}

	held->addr = *addr;
	held->dev = dev;
	netdev_hold(dev, &held->tracker, GFP_KERNEL);
	list_add(&held->list, &held_list);
	return 0;
}

/* Also gives back what an earlier instance left behind, or what is not held. */
static int call_dec(struct net *net, struct net_device *dev,
		    const struct in6_addr *addr)
{
	struct held *held = find_held(dev, addr);

	if (held)
		forget(held);
	return ipv6_dev_ac_dec(dev, addr);
}

static int call_bare_inc(struct net *net, struct net_device *dev,
			 const struct in6_addr *addr)
{
	return (ipv6_dev_ac_inc)(dev, addr);
}

static int call_bare_dec(struct net *net, struct net_device *dev,
			 const struct in6_addr *addr)
{
	return (ipv6_dev_ac_dec)(dev, addr);
}

struct request {
	struct net_device *dev;
	const struct in6_addr *addr;
};

static int last_inc(void *data)
{
	struct request *request = data;

	return (ipv6_dev_ac_inc)(request->dev, request->addr);
}

static int last_dec(void *data)
{
	struct request *request = data;

	return (ipv6_dev_ac_dec)(request->dev, request->addr);
}

static int call_last_inc(struct net *net, struct net_device *dev,
			 const struct in6_addr *addr)
{
	struct request request = { .dev = dev, .addr = addr };

	return smp_call_on_cpu(0, last_inc, &request, false);
}

static int call_last_dec(struct net *net, struct net_device *dev,
			 const struct in6_addr *addr)
{
	struct request request = { .dev = dev, .addr = addr };

	return smp_call_on_cpu(0, last_dec, &request, false);
}

static int call_chk(struct net *net, struct net_device *dev,
		    const struct in6_addr *addr)
{
	return ipv6_chk_acast_addr(net, dev, addr) ? 0 : -ENOENT;
}

struct call {
	const char *name;
	int (*func)(struct net *net, struct net_device *dev,
		    const struct in6_addr *addr);
	bool any_device;
};

static const struct call calls[] = {
	{ "inc", call_inc },
	{ "dec", call_dec },
	{ "bare_inc", call_bare_inc },
	{ "bare_dec", call_bare_dec },
	{ "last_inc", call_last_inc },
	{ "last_dec", call_last_dec },
	{ "chk", call_chk, true },
};

static int run_call(const struct call *call, char *request)
{
	struct net *net = current->nsproxy->net_ns;
	struct net_device *dev = NULL;
	netdevice_tracker tracker;
	struct in6_addr addr;
	char *name;
	int err;

	request = strim(request);
	name = strsep(&request, " ");
	if (!request || !in6_pton(request, -1, addr.s6_addr, -1, NULL))
		return -EINVAL;

	if (!call->any_device || strcmp(name, "-")) {
		dev = netdev_get_by_name(net, name, &tracker, GFP_KERNEL);
		if (!dev)
			return -ENODEV;
	}

	mutex_lock(&held_lock);
	err = call->func(net, dev, &addr);
	mutex_unlock(&held_lock);

	netdev_put(dev, &tracker);
	return err;
}

static ssize_t call_write(struct file *file, const char __user *buf,
			  size_t count, loff_t *ppos)
{
	const struct call *call = file_inode(file)->i_private;
	char *request;
	int err;

	if (count >= PAGE_SIZE)
		return -EINVAL;

	request = memdup_user_nul(buf, count);
	if (IS_ERR(request))
		return PTR_ERR(request);

	err = run_call(call, request);
	kfree(request);
	return err ? err : count;
}

static const struct file_operations call_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = call_write,
	.llseek = noop_llseek,
};

/* The groups of a device that goes away went with it. */
static int device_event(struct notifier_block *nb, unsigned long event,
			void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct held *held, *next;

	if (event != NETDEV_UNREGISTER)
		return NOTIFY_DONE;

	mutex_lock(&held_lock);
	list_for_each_entry_safe(held, next, &held_list, list)
		if (held->dev == dev)
			forget(held);
	mutex_unlock(&held_lock);
	return NOTIFY_DONE;
}

static struct notifier_block device_notifier = {
	.notifier_call = device_event,
};

static int __init caller_init(void)
{
	int err, i;

	dir = debugfs_create_dir(KBUILD_MODNAME, NULL);
	if (IS_ERR(dir))
		return PTR_ERR(dir);

	err = register_netdevice_notifier(&device_notifier);
	if (err) {
		debugfs_remove_recursive(dir);
		return err;
	}

	for (i = 0; i < ARRAY_SIZE(calls); i++)
		debugfs_create_file(calls[i].name, 0200, dir, (void *)&calls[i],
				    &call_fops);
	return 0;
}
module_init(caller_init);

static void __exit caller_exit(void)
{
	struct held *held, *next;

	debugfs_remove_recursive(dir);
	mutex_lock(&held_lock);
	list_for_each_entry_safe(held, next, &held_list, list) {
		if (!leave_held)
			ipv6_dev_ac_dec(held->dev, &held->addr);
		forget(held);
	}
	mutex_unlock(&held_lock);
	unregister_netdevice_notifier(&device_notifier);
}
module_exit(caller_exit);
