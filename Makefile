# SPDX-License-Identifier: GPL-2.0
# For people: `make help`. The work is done by scripts/, each with --help. What kbuild reads is in Kbuild.

# KDIR=DIR: build for the kernel whose build tree is DIR, instead of Debian's.
kdir := $(if $(KDIR),--kdir '$(KDIR)')

.PHONY: module print-module rust-project demo test test-all test-host test-debug test-broken test-mutants test-kernel
.PHONY: soak bench outage check fmt shell clean distclean help

module:
	@scripts/build $(kdir)

print-module: module
	@scripts/build $(kdir) --print

rust-project:
	@scripts/build $(kdir) --rust-project

demo:
	@scripts/build --tests
	@scripts/vm -- /project/demo/run

test:
	@scripts/test

test-all:
	@scripts/test --all

test-host:
	@scripts/test --host

test-debug:
	@scripts/test --debug

soak:
	@scripts/test --soak

test-broken:
	@scripts/test --broken

test-mutants:
	@scripts/test-mutants

test-kernel:
	@scripts/test-kernel

bench:
	@scripts/bench

outage:
	@scripts/outage

check:
	@scripts/check

fmt:
	@scripts/fmt

shell:
	@scripts/build --tests
	@scripts/vm

clean:
	rm -rf build

distclean: clean
	@scripts/buildroot --remove

help:
	@echo 'make               build anycast6.ko for the newest 7.3 kernel of Debian 13 backports'
	@echo 'make KDIR=DIR      build it for the kernel whose build tree is DIR (CONFIG_RUST, CONFIG_LIVEPATCH)'
	@echo 'make print-module  build it and print its path (make -s: nothing but the path on stdout)'
	@echo 'make rust-project  write rust-project.json, by which rust-analyzer understands src/'
	@echo 'make demo          see it work: boots that kernel in a VM and swaps the implementation live'
	@echo 'make test          host tests and the scenarios in the VM'
	@echo 'make test-all      with built-in C in every scenario; make test has it where more is expected of the module'
	@echo 'make test-host     host tests only'
	@echo 'make test-debug    the scenarios on a debug kernel (KASAN, lockdep, kmemleak ...): half an hour to build, two hours to run'
	@echo 'make soak          races, takeovers and hostile input, randomized, at full length: an hour or more; writes docs/reliability.md'
	@echo 'make test-broken   do the scenarios notice defects that are built in on purpose (tests/broken)?'
	@echo 'make test-mutants  do the host tests notice any change of src/decide (cargo-mutants, from crates.io)? a quarter of an hour'
	@echo 'make test-kernel   do the kernel'\''s own network tests notice the module? half an hour'
	@echo 'make bench         costs of operations with 1 to 10 000 groups, in instructions: docs/performance.md'
	@echo 'make outage        how long clients get no answer when a member goes, with built-in C and the module: docs/outage.md; half an hour'
	@echo 'make check         all formatters and linters'
	@echo 'make fmt           format Rust, Python and the white space of C in place'
	@echo 'make shell         a shell in the VM'
	@echo 'make clean         remove build/'
	@echo 'make distclean     the same, and remove the cache: build root, kernel tree'
	@echo 'The first run sets everything up (on Debian 12 or 13, as root, in some minutes) in'
	@echo '$${XDG_CACHE_HOME:-~/.cache}/anycast6; XDG_CACHE_HOME names another place.'
