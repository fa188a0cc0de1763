# SPDX-License-Identifier: GPL-2.0
"""scripts/rust-project: what rust-analyzer is told of src is there, and is what rustc compiles."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).resolve().parents[2]
OWN = {"anycast6": "src/anycast6.rs", "anycast6_rust": "tests/modules/anycast6_rust.rs"}
NAMES = ("core", "kernel", "pin_init", "zerocopy", "zerocopy_derive")
FEATURES = "feature(arbitrary_self_types,asm_goto,generic_arg_infer,used_with_arg)"

Crate = dict[str, Any]


def translated(kernel: Crate, output: str, *directories: str) -> Crate:
    result = subprocess.run(
        [PROJECT / "scripts/rust-project", output, *directories],
        input=json.dumps(kernel),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(result.stdout)


def paths(crate: Crate) -> Iterator[str]:
    """All paths of a crate."""
    yield crate["root_module"]
    if "proc_macro_dylib_path" in crate:
        yield crate["proc_macro_dylib_path"]
    yield from (value for value in crate["env"].values() if value.startswith("/"))
    for directories in crate.get("source", {}).values():
        yield from directories


def kernel_of(root: str, **more: Any) -> Crate:
    crates = [
        {
            "display_name": name,
            "root_module": f"{root}/rust/{name}/lib.rs",
            "is_workspace_member": True,
            "deps": [],
            "cfg": ["CONFIG_NET"],
            "env": {"RUST_MODFILE": "no path", "OBJTREE": root},
            **more,
        }
        for name in NAMES
    ]
    return {"crates": crates, "sysroot": "/usr"}


def test_paths_are_those_of_the_editor() -> None:
    kernel = kernel_of(
        "/cache/kernel-1",
        proc_macro_dylib_path="/cache/kernel-1/rust/libmacros.so",
        source={"include_dirs": ["/cache/kernel-1/rust", "/cachet"], "exclude_dirs": []},
    )
    project = translated(
        kernel, "build/1/kbuild", "/=/root", "/cache=/home/me/cache", f"{PROJECT}=/home/me/anycast6"
    )
    assert project["sysroot"] == "/root/usr"
    kernels, own = project["crates"][: len(NAMES)], project["crates"][len(NAMES) :]
    for name, crate in zip(NAMES, kernels, strict=True):
        assert list(paths(crate)) == [
            f"/home/me/cache/kernel-1/rust/{name}/lib.rs",
            "/home/me/cache/kernel-1/rust/libmacros.so",
            "/home/me/cache/kernel-1",
            "/home/me/cache/kernel-1/rust",
            "/root/cachet",
        ]
        assert crate["env"]["RUST_MODFILE"] == "no path"
    assert {crate["display_name"]: crate["root_module"] for crate in own} == {
        name: f"/home/me/anycast6/{root}" for name, root in OWN.items()
    }
    for crate in own:
        assert crate["env"]["ANYCAST6_BINDINGS"] == (
            "/home/me/anycast6/build/1/kbuild/src/bindings/bindings_generated.rs"
        )


def test_paths_stay_where_nothing_is_translated() -> None:
    project = translated(kernel_of("/usr/src/linux"), "build/1/kbuild")
    assert project["sysroot"] == "/usr"
    assert project["crates"][1]["root_module"] == "/usr/src/linux/rust/kernel/lib.rs"
    assert project["crates"][-2]["root_module"] == str(PROJECT / OWN["anycast6"])


def test_own_crates_alone_are_edited() -> None:
    project = translated(kernel_of("/linux"), "build/1/kbuild")
    members = [crate for crate in project["crates"] if crate["is_workspace_member"]]
    assert [crate["display_name"] for crate in members] == list(OWN)
    for crate in members:
        assert crate["cfg"] == ["MODULE", "CONFIG_NET"]
        named = [project["crates"][dep["crate"]]["display_name"] for dep in crate["deps"]]
        assert named == [dep["name"] for dep in crate["deps"]] == list(NAMES)


# ---- the kernel's own, of the tree for which the module is built ----


@pytest.fixture(scope="module")
def tree() -> Path:
    for release in sorted(Path("/cache").glob("kernel-*/include/config/kernel.release")):
        tree = release.parents[2]
        if output(tree).is_dir():
            return tree
    pytest.fail("no module has been built in build/: run make first")


def output(tree: Path) -> Path:
    release = (tree / "include/config/kernel.release").read_text().strip()
    return PROJECT / "build" / release / "kbuild"


@pytest.fixture(scope="module")
def project(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Crate:
    none = tmp_path_factory.mktemp("none")
    (none / "Kbuild").write_text("obj-m :=\n")
    environment = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    subprocess.run(
        ["make", "-s", "-C", tree, f"M={none}", "rust-analyzer"], check=True, env=environment
    )
    kernel = json.loads((none / "rust-project.json").read_text())
    return translated(kernel, str(output(tree).relative_to(PROJECT)))


def test_every_path_exists(project: Crate) -> None:
    found = [path for crate in project["crates"] for path in paths(crate)]
    assert len(found) >= len(project["crates"]) > len(OWN)
    assert [path for path in (project["sysroot"], *found) if not Path(path).exists()] == []


@pytest.mark.parametrize("name", OWN)
def test_rustc_compiles_what_rust_analyzer_reads(
    name: str, project: Crate, tree: Path, tmp_path: Path
) -> None:
    (crate,) = [crate for crate in project["crates"] if crate["display_name"] == name]
    cfgs = tmp_path / "cfgs"
    cfgs.write_text("".join(f"--cfg={cfg}\n" for cfg in crate["cfg"]))
    # What rust-analyzer takes from the crates' sources is here in their metadata.
    names = [dep["name"] for dep in crate["deps"] if dep["name"] != "core"]
    externs = [option for name in names for option in ("--extern", name)]
    result = subprocess.run(
        [
            *("rustc", f"--edition={crate['edition']}", "--crate-type=rlib", "--emit=metadata"),
            *(f"--crate-name={name}", f"--out-dir={tmp_path}", f"@{cfgs}", "--cap-lints=allow"),
            *("-Zunstable-options", "-Zcrate-attr=no_std", f"-Zcrate-attr={FEATURES}"),
            *("-Cpanic=abort", f"--target={tree}/scripts/target.json", "--sysroot=/dev/null"),
            *(f"-L{tree}/rust", *externs, crate["root_module"]),
        ],
        env={**os.environ, **crate["env"], "RUSTC_BOOTSTRAP": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr[-2000:]
