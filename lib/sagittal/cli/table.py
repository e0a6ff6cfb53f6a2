"""A result's parameters as a table on the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from sagittal import NOT_FOR_CLINICAL_USE

Values = Mapping[str, float | None]
STATUS_STYLES = {"within": "green", "below": "bold red", "above": "bold red", "unranged": "dim", "absent": "yellow"}
FINDING_STYLES = {"normal": "green", "abnormal": "bold red", "hint": "yellow", "unranged": "dim", "absent": "yellow"}
VERDICT_STYLES = {"measurable": "green", "measurable with caution": "yellow", "not measurable": "bold red"}


def result_table(
    result: Mapping[str, Any], title: str, *, name: str = "Value", beside: Mapping[str, Values] | None = None
) -> RenderableType:
    """The table of a result of `result_as_json`, the reasons of what is absent, its verdict and its warnings.

    `name` heads the column of its values; `beside` adds columns of other values for the same parameters.
    """
    # Imported late: it brings matplotlib, which `sagittal --help` must not wait for.
    from sagittal.report.text import quantity_text

    table = Table(title=Text(title, style="bold"), title_justify="left", header_style="dim")
    table.add_column("Parameter")
    for heading in (name, *(beside or {})):
        table.add_column(heading, justify="right")
    table.add_column("Range", justify="right", no_wrap=True)
    table.add_column("Status", no_wrap=True)
    reasons = _reasons(result["parameters"])
    for key, parameter in result["parameters"].items():
        values = (parameter["value"], *(values.get(key) for values in (beside or {}).values()))
        status = parameter["status"]
        words = status if parameter["value"] is not None else f"absent ({1 + list(reasons).index(parameter['reason'])})"
        table.add_row(
            Text(key, style="bold"),
            *(Text(quantity_text(value, parameter["unit"])) for value in values),
            Text(_range(parameter), style="dim"),
            Text(words, style=STATUS_STYLES[status]),
        )
    return Group(table, *_classes(result), _remarks(result, reasons))


def _classes(result: Mapping[str, Any]) -> list[Table]:
    """Clinical classes, of which a result of an earlier version has none."""
    from sagittal.report.class_lines import class_lines

    lines = class_lines(result.get("clinical") or ())
    if not lines:
        return []
    table = Table(header_style="dim")
    for heading in ("Class or score", "Film", "Status"):
        table.add_column(heading)
    for line in lines:
        style = FINDING_STYLES[line.status]
        table.add_row(Text(line.title, style="bold"), Text(line.text), Text(line.status, style=style))
    return [table]


def values_of(parameters: Mapping[str, Any]) -> Values:
    """The values alone of a result's `parameters` or `value_branch`."""
    return {name: parameter["value"] for name, parameter in parameters.items()}


def _reasons(parameters: Mapping[str, Any]) -> dict[str, list[str]]:
    """Every reason why parameters are absent, with their names."""
    reasons: dict[str, list[str]] = {}
    for name, parameter in parameters.items():
        if parameter["value"] is None:
            reasons.setdefault(parameter["reason"], []).append(name)
    return reasons


def _range(parameter: Mapping[str, Any]) -> str:
    return "" if parameter["range"] is None else "{:g} to {:g}".format(*parameter["range"]).replace("-", "−")


def _remarks(result: Mapping[str, Any], reasons: Mapping[str, list[str]]) -> Text:
    verdict = result["quality"]["verdict"]
    remarks = Text()
    for number, (reason, names) in enumerate(reasons.items(), 1):
        remarks.append(f"({number}) ", "yellow").append(f"{', '.join(names)}: {reason}\n")
    remarks.append("Quality: ", "dim").append(verdict, VERDICT_STYLES[verdict])
    for reason in result["quality"]["reasons"]:
        remarks.append(f"\n  {reason}")
    for warning in (warning for warning in result["warnings"] if warning not in result["quality"]["reasons"]):
        remarks.append("\nWarning: ", "yellow").append(warning)
    return remarks.append(f"\n{NOT_FOR_CLINICAL_USE}.\n", "dim")
