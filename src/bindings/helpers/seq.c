// SPDX-License-Identifier: GPL-2.0
/* /proc file */

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

struct proc_dir_entry *
anycast6_helper_proc_create_seq(struct net *net, const char *name, umode_t mode,
				const struct seq_operations *operations,
				unsigned int state_size)
{
	return proc_create_net(name, mode, net->proc_net, operations,
			       state_size);
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
