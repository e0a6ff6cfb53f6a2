"""A result's parameters as a table on the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from sagittal import NOT_FOR_CLINICAL_USE

STATUS_STYLES = {"within": "green", "below": "bold red", "above": "bold red", "unranged": "dim", "absent": "yellow"}
VERDICT_STYLES = {"measurable": "green", "measurable with caution": "yellow", "not measurable": "bold red"}


def result_table(
    result: Mapping[str, Any], title: str, *, reference: Mapping[str, float | None] | None = None
) -> RenderableType:
    """The table of a result of `result_as_json`, its verdict and its warnings.

    `reference` adds a column of values known from elsewhere (a simulated film's true ones).
    """
    # Imported late: it brings matplotlib, which `sagittal --help` must not wait for.
    from sagittal.report.text import quantity_text

    branch = result["value_branch"]
    table = Table(title=Text(title, style="bold"), title_justify="left", header_style="dim")
    table.add_column("Parameter")
    table.add_column("Value", justify="right")
    if branch is not None:
        table.add_column("Network's value", justify="right")
    if reference is not None:
        table.add_column("True value", justify="right")
    table.add_column("Range", justify="right")
    table.add_column("Status")
    for name, parameter in result["parameters"].items():
        cells = [Text(name, style="bold"), Text(quantity_text(parameter["value"], parameter["unit"]))]
        if branch is not None:
            cells.append(Text(quantity_text(branch[name]["value"] if name in branch else None, parameter["unit"])))
        if reference is not None:
            cells.append(Text(quantity_text(reference.get(name), parameter["unit"])))
        status = parameter["status"]
        words = parameter["reason"] if status == "absent" else status
        table.add_row(*cells, Text(_range(parameter), style="dim"), Text(words, style=STATUS_STYLES[status]))
    return Group(table, _remarks(result))


def _range(parameter: Mapping[str, Any]) -> str:
    return "" if parameter["range"] is None else "{:g} to {:g}".format(*parameter["range"]).replace("-", "−")


def _remarks(result: Mapping[str, Any]) -> Text:
    verdict = result["quality"]["verdict"]
    remarks = Text.assemble(("Quality: ", "dim"), (verdict, VERDICT_STYLES[verdict]))
    for reason in result["quality"]["reasons"]:
        remarks.append(f"\n  {reason}")
    for warning in (warning for warning in result["warnings"] if warning not in result["quality"]["reasons"]):
        remarks.append("\nWarning: ", "yellow").append(warning)
    return remarks.append(f"\n{NOT_FOR_CLINICAL_USE}.\n", "dim")
