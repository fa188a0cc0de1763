# SPDX-License-Identifier: GPL-2.0
"""scripts/manifest: a source otherwise than reviewed is told, by name and with what has changed."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from reviewed import c_source, facts, manifest

PROJECT = Path(__file__).resolve().parents[2]
FILE = "net/ipv6/anycast.c"
SOURCE = """\
/* A file as the kernel has them. */
#include <linux/module.h>

#define SHIFT	8
#define SIZE	BIT(SHIFT)
#define hold(a)					\\
	do { get(a); } while (0)

static struct hlist_head table[SIZE];
static DEFINE_SPINLOCK(table_lock);
LIST_HEAD(patches);
extern const void __start, __stop;

static int leave(struct sock *sk);

struct state {
	struct net *net; /* "ours" */
	int	index;
};

static const struct operations ops = {
	.leave	= leave,
};

int join(struct sock *sk, int ifindex)
{
	/* the first } is not the last */
	if (ifindex == '}')
		return -EINVAL;
#ifdef CONFIG_SMP
	if (lock(sk)) {
#else
	if (sk) {
#endif
		hold(sk);
	}
	printk("joined {%d}\\n", ifindex);
	return 0;
}
EXPORT_SYMBOL_GPL(join);

static int leave(struct sock *sk)
	__releases(RCU)
{
	return join(sk, 0);
}
"""
FACTS = f"""\
# What there is
{FILE}
	join()          replaced
	leave()         its caller
	struct state    copied
	#define SHIFT   copied
	table           reached
	table_lock      reached
"""
FUNCTIONS = (
    "macro_rules! declared {\n    ($old:ident) => {};\n}\n    declared!(join, entries::join),\n"
)
SYMBOLS = (
    "    ($($name:ident: $type:ty;)*) => {};\n"
    "klp_symbols! {\n    /// The table.\n    table: *mut u8 = x;\n}\n"
)
MAKEFILE = "VERSION = 7\nPATCHLEVEL = 3\nSUBLEVEL = {}\nEXTRAVERSION =\nNAME = Some Fish\n"


class Tree:
    """A project, and the source of a kernel."""

    def __init__(self, directory: Path) -> None:
        self.project, self.kernel = directory / "project", directory / "kernel"
        self.put(self.project / facts.FACTS, FACTS)
        self.put(self.project / facts.FUNCTIONS, FUNCTIONS)
        self.put(self.project / facts.SYMBOLS, SYMBOLS)
        self.release(4)
        self.put(self.kernel / FILE, SOURCE)

    def put(self, file: Path, text: str) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def release(self, sublevel: int) -> None:
        self.put(self.kernel / "Makefile", MAKEFILE.format(sublevel))

    def edit(self, file: Path, old: str, new: str) -> None:
        text = file.read_text(encoding="utf-8")
        assert old in text
        self.put(file, text.replace(old, new))

    def doctor(self, old: str, new: str) -> None:
        self.edit(self.kernel / FILE, old, new)

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, "-m", "reviewed", self.project, self.kernel, *arguments]
        env = os.environ | {"PYTHONPATH": str(PROJECT / "scripts"), "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(argv, env=env, capture_output=True, text=True, check=False)

    def passes(self) -> None:
        done = self.run()
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

    def fails(self, *arguments: str | Path) -> str:
        done = self.run(*arguments)
        assert (done.returncode, done.stdout) == (1, "")
        assert "Traceback" not in done.stderr
        return done.stderr


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    tree = Tree(tmp_path)
    done = tree.run("--renew")
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        "",
        "scripts/manifest: wrote kernels/7.3.4\n",
    )
    return tree


def test_what_was_reviewed_passes(tree: Tree) -> None:
    tree.passes()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "int join(struct sock *sk, int ifindex)\n{",
            "int\njoin( struct sock * sk,int ifindex )  {",
        ),
        ("/* the first } is not the last */", "// another one { \\\n   that goes on"),
        ("\t\treturn -EINVAL;", "\t\treturn -/* no */EINVAL;\n\n"),
        ('"ours"', "*theirs"),
        ("\tint\tindex;", "    int index;"),
        ("#define SHIFT\t8", "#  define SHIFT \\\n 8 /* bits */"),
        # Of nothing that was reviewed.
        (".leave\t= leave,", ".leave = NULL,"),
        ("LIST_HEAD(patches)", "LIST_HEAD(others)"),
    ],
)
def test_what_does_not_count(tree: Tree, old: str, new: str) -> None:
    tree.doctor(old, new)
    tree.passes()


@pytest.mark.parametrize(
    ("old", "new", "name", "shown"),
    [
        ("\treturn 0;", "\treturn 1;", "join()", "+\treturn 1;"),
        ("return join(sk, 0)", "return join(sk, 1)", "leave()", "+\treturn join(sk, 1);"),
        ("joined {%d}", "joined  {%d}", "join()", '+\tprintk("joined  {%d}\\n", ifindex);'),
        ("lock(sk)", "lock(sk->sk)", "join()", "+\tif (lock(sk->sk)) {"),
        ("ifdef CONFIG_SMP", "ifndef CONFIG_SMP", "join()", "+#ifndef CONFIG_SMP"),
        ("__releases(RCU)", "", "leave()", "-(1 lines of the reviewed source)"),
        ("\tint\tindex;", "\tlong index;", "struct state", "+\tlong index;"),
        ("#define SHIFT\t8", "#define SHIFT\t9", "#define SHIFT", "+#define SHIFT\t9"),
        ("table[SIZE]", "table[SHIFT]", "table", "+static struct hlist_head table[SHIFT];"),
        (
            "DEFINE_SPINLOCK",
            "DEFINE_RAW_SPINLOCK",
            "table_lock",
            "+static DEFINE_RAW_SPINLOCK(table_lock);",
        ),
    ],
)
def test_change_is_told(tree: Tree, old: str, new: str, name: str, shown: str) -> None:
    tree.doctor(old, new)
    said = tree.fails().splitlines()
    assert said[0] == f"scripts/manifest: {name} of {FILE}: changed"
    assert shown in said
    assert said[-1].startswith(
        f"scripts/manifest: error: in the source of kernel 7.3.4, {name} of {FILE}: not what"
    )
    assert "scripts/manifest --renew" in said[-1]


def test_all_changes_are_told(tree: Tree) -> None:
    tree.doctor("\treturn 0;", "\treturn 1;")
    tree.doctor("#define SHIFT\t8", "#define SHIFT\t9")
    assert f"join() of {FILE}, #define SHIFT of {FILE}: not what" in tree.fails()


def test_what_is_gone_is_told(tree: Tree) -> None:
    tree.doctor("struct state {", "struct states {")
    said = tree.fails().splitlines()
    assert said[0] == f"scripts/manifest: struct state of {FILE}: gone"
    assert "-(4 lines of the reviewed source)" in said


def test_context_of_a_change(tree: Tree) -> None:
    tree.doctor('\tprintk("joined {%d}\\n", ifindex);\n', "")
    lines = tree.fails().splitlines()
    at = lines.index("-(1 lines of the reviewed source)")
    assert lines[at - 3 : at + 3] == [
        " #endif",
        " \t\thold(sk);",
        " \t}",
        lines[at],
        " \treturn 0;",
        " }",
    ]


def test_diff_where_the_reviewed_source_is_at_hand(tree: Tree, tmp_path: Path) -> None:
    old = tmp_path / "old"
    tree.kernel.rename(old)
    tree.release(4)
    tree.put(tree.kernel / FILE, SOURCE)
    tree.doctor("\treturn 0;", "\treturn 1;")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    said = tree.fails("--reviewed", elsewhere, old).splitlines()
    assert f"--- 7.3.4/{FILE}" in said
    assert said[said.index("-\treturn 0;") + 1] == "+\treturn 1;"


def test_unknown_version(tree: Tree) -> None:
    tree.release(5)
    said = tree.fails()
    assert "scripts/manifest: none differ from the review of 7.3.4\n" in said
    assert (
        "error: kernel 7.3.5 has not been reviewed (reviewed: 7.3.4): see CONTRIBUTING.md" in said
    )
    assert "scripts/manifest --renew" in said


def test_unknown_version_that_has_changed(tree: Tree) -> None:
    tree.release(5)
    tree.doctor("\treturn 0;", "\treturn 1;")
    said = tree.fails().splitlines()
    assert "+\treturn 1;" in said
    assert "scripts/manifest: 1 of 6 differ from the review of 7.3.4" in said


def test_renew(tree: Tree) -> None:
    tree.doctor("\treturn 0;", "\treturn 1;")
    tree.release(5)
    done = tree.run("--renew")
    assert done.returncode == 0
    assert "+\treturn 1;" in done.stderr.splitlines()
    tree.passes()
    names = sorted(file.name for file in (tree.project / "kernels").iterdir())
    assert names == ["7.3.4", "7.3.5", "facts"]
    tree.release(4)
    tree.fails()


def test_renew_fails_and_changes_nothing(tree: Tree) -> None:
    file = tree.project / "kernels" / "7.3.4"
    before = file.read_text(encoding="utf-8")
    tree.doctor("struct state {", "struct states {")
    assert f"kernel 7.3.4 has no struct state of {FILE}" in tree.fails("--renew")
    assert file.read_text(encoding="utf-8") == before
    assert not list(file.parent.glob(".*"))


def add_function(tree: Tree) -> None:
    tree.edit(tree.project / facts.FUNCTIONS, "declared!(join", "operation!(\n        other, join")


def add_symbol(tree: Tree) -> None:
    tree.edit(tree.project / facts.SYMBOLS, "    table:", "    other: fn() = x;\n\n    table:")


@pytest.mark.parametrize(
    ("add", "file"), [(add_function, facts.FUNCTIONS), (add_symbol, facts.SYMBOLS)]
)
def test_what_is_new_in_the_module_must_be_reviewed(
    tree: Tree, add: Callable[[Tree], None], file: Path
) -> None:
    add(tree)
    assert f"error: {file} has other, kernels/facts has not" in tree.fails()
    tree.edit(tree.project / facts.FACTS, "leave()    ", "leave()         x\n\tother()    ")
    assert f"scripts/manifest: other() of {FILE}: never reviewed, and missing\n" in tree.fails()
    tree.doctor("struct state {", "void other(void)\n{\n}\n\nstruct state {")
    assert f"scripts/manifest: other() of {FILE}: never reviewed\n" in tree.fails()
    assert tree.run("--renew").returncode == 0
    tree.passes()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("\tleave()    ", "\tleave   ( ", "'leave' is no name"),
        ("\tleave() ", "\tint leave() ", "'int leave()' is no name"),
        ("\tleave()         its caller", "\tjoin()  twice", f"has join() of {FILE} twice"),
        (FILE, "net/none.c", "has no net/none.c to compare"),
    ],
)
def test_facts_that_are_none(tree: Tree, old: str, new: str, said: str) -> None:
    tree.edit(tree.project / facts.FACTS, old, new)
    if "( " in new:
        said = "never reviewed"
    assert said in tree.fails()


def test_damaged_manifest(tree: Tree) -> None:
    tree.edit(tree.project / "kernels" / "7.3.4", "\tjoin()\t", " join() ")
    assert "7.3.4:4 does not have four fields" in tree.fails()


def test_versions_in_order(tree: Tree) -> None:
    for name in ("7.3.10", "7.3-rc1", "7.3", "7.4.1", "README"):
        tree.put(tree.project / "kernels" / name, "")
    there = manifest.versions(tree.project)
    assert there == ["7.3-rc1", "7.3", "7.3.4", "7.3.10", "7.4.1"]
    assert manifest.nearest("7.3.9", there) == "7.3.4"
    assert manifest.nearest("7.2", there) == "7.3-rc1"
    assert manifest.nearest("7.2", []) is None


@pytest.mark.parametrize(
    ("name", "first", "count"),
    [
        ("join()", 25, 14),
        ("leave()", 42, 5),
        ("struct state", 16, 4),
        ("#define hold", 6, 2),
        ("#define SIZE", 5, 1),
        ("table", 9, 1),
        ("table_lock", 10, 1),
        ("patches", 11, 1),
        ("__start", 12, 1),
        ("__stop", 12, 1),
        ("ops", 21, 3),
    ],
)
def test_definition_by_name(name: str, first: int, count: int) -> None:
    lines = c_source.lines(c_source.definitions(SOURCE, name))
    assert (lines[0][0], len(lines)) == (first, count)


@pytest.mark.parametrize(
    "name",
    [
        "joi()",
        "join",
        "state",
        "struct operations",
        "SHIFT",
        "sk",
        "index",
        "hold()",
        "lock()",
        "get",
    ],
)
def test_no_definition(name: str) -> None:
    assert c_source.definitions(SOURCE, name) == []


def test_both_branches_of_a_condition() -> None:
    source = "#ifdef A\nint f(void)\n{\n}\n#else\nint f(int a)\n{\n}\n#endif\nint f(long);\n"
    assert [item.tokens[0].line for item in c_source.definitions(source, "f()")] == [2, 6]


def test_this_tree_is_complete() -> None:
    """Whatever kernel it is built for: what it relies on is in the manifest of each."""
    known = facts.facts(PROJECT)
    facts.check_complete(PROJECT, known)
    versions = manifest.versions(PROJECT)
    assert versions
    for version in versions:
        assert list(manifest.read(PROJECT / manifest.DIRECTORY / version)) == known
