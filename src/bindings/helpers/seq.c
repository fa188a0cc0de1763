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
