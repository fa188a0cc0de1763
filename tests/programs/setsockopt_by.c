// SPDX-License-Identifier: GPL-2.0
/*
 * Sets a socket option by one of the ways into the kernel, and says what it
 * answered.
 *
 * setsockopt_by WAY FD OPTION POINTER LENGTH ADDRESS IFINDEX
 *
 * WAY      syscall | compat | socketcall | io_uring; compat is the system call
 *          of 32-bit programs, socketcall their older one
 * FD       an open socket
 * POINTER  good | page-end | null | low | kernel | cut-N: N bytes of the argument
 *          are in a page that can be read, the rest in one that cannot
 * ADDRESS IFINDEX  what the argument, a struct ipv6_mreq, says
 *
 * Prints 0 or the errno.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <liburing.h>
#include <linux/types.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE 4096
/* Numbers of 32-bit x86, asm/unistd_32.h. */
#define COMPAT_SETSOCKOPT 366
#define COMPAT_SOCKETCALL 102
#define SOCKETCALL_SETSOCKOPT 14

struct call {
	int fd;
	int option;
	uintptr_t value;
	int length;
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* A page that can be read, and one that cannot, where a 32-bit program has them. */
static char *pages(void)
{
	char *first = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	if (first == MAP_FAILED || mprotect(first + PAGE, PAGE, PROT_NONE))
		die("mmap");
	return first;
}

static uintptr_t place(const char *pointer, const struct ipv6_mreq *mreq)
{
	char *end = pages() + PAGE;
	size_t there = sizeof(*mreq);

	if (!strcmp(pointer, "null"))
		return 0;
	if (!strcmp(pointer, "low"))
		return 1;
	if (!strcmp(pointer, "kernel"))
		return 0xffff888000000000;
	if (!strcmp(pointer, "good"))
		end -= PAGE / 2;
	else if (!strncmp(pointer, "cut-", 4))
		there = strtoul(pointer + 4, NULL, 10);
	memcpy(end - there, mreq, there);
	return (uintptr_t)(end - there);
}

static int by_syscall(const struct call *call)
{
	long result = syscall(SYS_setsockopt, call->fd, IPPROTO_IPV6, call->option,
			      call->value, call->length);

	return result ? errno : 0;
}

/* The kernel takes the lower halves of the registers. */
static int compat_call(long number, long a, long b, long c, long d, long e)
{
	long result;

	asm volatile("int $0x80" : "=a"(result)
		     : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
		     : "memory", "r8", "r9", "r10", "r11");
	return -(int)result;
}

static int by_compat(const struct call *call)
{
	return compat_call(COMPAT_SETSOCKOPT, call->fd, IPPROTO_IPV6, call->option,
			   call->value, call->length);
}

static int by_socketcall(const struct call *call)
{
	__u32 *arguments = (__u32 *)pages();

	arguments[0] = call->fd;
	arguments[1] = IPPROTO_IPV6;
	arguments[2] = call->option;
	arguments[3] = call->value;
	arguments[4] = call->length;
	return compat_call(COMPAT_SOCKETCALL, SOCKETCALL_SETSOCKOPT,
			   (uintptr_t)arguments, 0, 0, 0);
}

static int by_io_uring(const struct call *call)
{
	struct io_uring ring;
	struct io_uring_cqe *cqe;
	struct io_uring_sqe *sqe;
	int error = io_uring_queue_init(1, &ring, 0);

	if (error) {
		errno = -error;
		die("io_uring_queue_init");
	}
	sqe = io_uring_get_sqe(&ring);
	io_uring_prep_cmd_sock(sqe, SOCKET_URING_OP_SETSOCKOPT, call->fd, IPPROTO_IPV6,
			       call->option, (void *)call->value, call->length);
	error = io_uring_submit_and_wait(&ring, 1);
	if (error != 1 || io_uring_peek_cqe(&ring, &cqe)) {
		errno = error < 0 ? -error : EIO;
		die("io_uring_submit_and_wait");
	}
	return -cqe->res;
}

static const struct {
	const char *name;
	int (*call)(const struct call *call);
} ways[] = {
	{ "syscall", by_syscall },
	{ "compat", by_compat },
	{ "socketcall", by_socketcall },
	{ "io_uring", by_io_uring },
};

int main(int argc, char **argv)
{
	struct ipv6_mreq mreq;
	struct call call;
	size_t i;

	if (argc != 8) {
		fprintf(stderr, "setsockopt_by WAY FD OPTION POINTER LENGTH ADDRESS IFINDEX\n");
		return 1;
	}
	if (inet_pton(AF_INET6, argv[6], &mreq.ipv6mr_multiaddr) != 1)
		die(argv[6]);
	mreq.ipv6mr_interface = strtol(argv[7], NULL, 10);
	call.fd = atoi(argv[2]);
	call.option = atoi(argv[3]);
	call.value = place(argv[4], &mreq);
	call.length = atoi(argv[5]);
	for (i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		if (!strcmp(argv[1], ways[i].name)) {
			printf("%d\n", ways[i].call(&call));
			return 0;
		}
	}
	fprintf(stderr, "no way is called %s\n", argv[1]);
	return 1;
}
